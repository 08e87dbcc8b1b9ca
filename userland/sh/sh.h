/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/sh.h - what the rooms of the shell share.
 *
 * A command line goes through them in this order:
 *
 *    input.c   bytes, a line at a time, from a string, a file or the editor
 *    lex.c     bytes to tokens; word.c splits one word into its parts
 *    parse.c   tokens to a tree of struct node
 *    exec.c    walks the tree; run.c runs one simple command
 *    expand.c  words to arguments (param.c, arith.c, pattern.c help)
 *    redir.c, jobs.c, trap.c, var.c and the builtin_*.c do the rest
 *
 * Memory: a tree lives in the arena of its struct unit and dies with it (a
 * function keeps its unit alive).  Everything made while a command runs lives
 * in sh_tmp, a stack: a function that takes a mark gives it back.  Variables,
 * jobs and buffers are malloc'ed.
 *
 * Errors: nothing jumps.  An error that must end more than the current command
 * sets sh.unwind.  Every caller looks at it and returns, undoing its own
 * redirections and marks on the way.
 */
#ifndef SH_H
#define SH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- memory.c -------------------------------------------------------- */

struct chunk;

struct arena {
	struct chunk *top;
};

struct mark {
	struct chunk *top;
	size_t used;
};

/* A growing byte string; `p` is NULL until the first byte. */
struct buf {
	char *p;
	size_t len, cap;
};

extern struct arena sh_tmp;

/* These end the shell with a message when memory runs out. */
void *xmalloc(size_t n);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);

void *arena_alloc(struct arena *a, size_t n); /* zeroed, 16-aligned */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
struct mark arena_mark(struct arena *a);
void arena_release(struct arena *a, struct mark m);
void arena_free(struct arena *a);

void buf_push(struct buf *b, char c);
void buf_add(struct buf *b, const char *s, size_t n);
void buf_puts(struct buf *b, const char *s);
const char *buf_str(struct buf *b); /* terminated, owned by b */
void buf_free(struct buf *b);

/* Has recursion used so much of the stack that going deeper is unsafe? */
void stack_init(void);
bool stack_low(void);

/* ---- the tree -------------------------------------------------------- */

enum part_kind { PART_TEXT, PART_PARAM, PART_COMMAND, PART_ARITH };

enum param_op {
	OP_NONE,
	OP_LENGTH,	/* ${#x} */
	OP_DEFAULT,	/* ${x-w} */
	OP_ASSIGN,	/* ${x=w} */
	OP_ERROR,	/* ${x?w} */
	OP_ALT,		/* ${x+w} */
	OP_PREFIX,	/* ${x#w} */
	OP_PREFIX_LONG, /* ${x##w} */
	OP_SUFFIX,	/* ${x%w} */
	OP_SUFFIX_LONG, /* ${x%%w} */
};

/* A piece of a word; quoted pieces are neither split nor globbed. */
struct part {
	enum part_kind kind;
	enum param_op op;
	bool quoted;
	bool colon;	   /* ${x:-w}: empty counts as unset */
	char *text;	   /* PART_TEXT: bytes; PART_PARAM: name */
	struct word *word; /* operand of ${x-w}, or the expression */
	struct node *node; /* PART_COMMAND; NULL when empty */
	struct part *next;
};

struct word {
	struct part *parts;
	struct word *next;
};

struct assign {
	char *name;
	struct word *value;
	struct assign *next;
};

enum redir_kind {
	REDIR_IN,
	REDIR_OUT,
	REDIR_APPEND,
	REDIR_BOTH,
	REDIR_CLOBBER,
	REDIR_DUP_IN,
	REDIR_DUP_OUT,
	REDIR_HERE,
};

struct redir {
	enum redir_kind kind;
	int fd;
	struct word *target; /* file, digits or '-'; REDIR_HERE: the body */
	struct redir *next;
};

enum node_kind {
	NODE_SIMPLE,   /* assigns, words */
	NODE_PIPE,     /* kids: commands */
	NODE_ANDOR,    /* kids: pipelines, each with its `joint` */
	NODE_LIST,     /* kids: and-or lists */
	NODE_SUBSHELL, /* body */
	NODE_GROUP,    /* body */
	NODE_IF,       /* clauses; body is the else part */
	NODE_WHILE,    /* cond, body */
	NODE_UNTIL,    /* cond, body */
	NODE_FOR,      /* name, words (has_in), body */
	NODE_CASE,     /* words (just one), clauses */
	NODE_FUNCTION, /* name, body */
};

enum joint { JOINT_FIRST, JOINT_AND, JOINT_OR };

/* One `if`/`elif` branch (cond), or one branch of a case (patterns). */
struct clause {
	struct node *cond;
	struct word *patterns;
	struct node *body;
	struct clause *next;
};

struct node {
	enum node_kind kind;
	enum joint joint;
	bool negate; /* NODE_PIPE: `! pipeline` */
	bool async;  /* child of a NODE_LIST: ends in '&' */
	bool has_in;
	int line;
	size_t begin, end; /* where its text is in unit->raw */
	struct unit *unit;
	struct redir *redirs;
	struct assign *assigns;
	struct word *words;
	struct clause *clauses;
	struct node *kids, *cond, *body;
	char *name;
	struct node *next;
};

/* One parse: the memory of its tree and the text it came from. */
struct unit {
	struct arena arena;
	unsigned refs;
	char *raw;
};

void unit_hold(struct unit *u);
void unit_drop(struct unit *u);

/* ---- input.c --------------------------------------------------------- */

struct input {
	int fd;	     /* -1: the whole text is in `line` */
	bool edit;   /* ask the line editor */
	bool prompt; /* print PS1 or PS2 before reading */
	bool fresh;  /* the next line starts a command: PS1 */
	bool shared; /* other processes read fd: take no byte too many */
	bool eof;
	bool ran; /* something in it was run */
	int lineno;
	struct buf line;
	size_t pos;
	struct buf block;
	size_t block_pos;
};

void input_string(struct input *in, const char *s, size_t n);
void input_fd(struct input *in, int fd, bool shared);
void input_close(struct input *in);
int input_get(struct input *in); /* a byte, or -1 at the end */
int input_peek(struct input *in);
int input_peek2(struct input *in); /* within the line only */
void input_discard_line(struct input *in);

/* ---- lex.c, word.c, parse.c ------------------------------------------ */

enum token_kind {
	TOK_EOF,
	TOK_NEWLINE,
	TOK_WORD,
	TOK_IO_NUMBER,
	TOK_SEMI,
	TOK_DSEMI,
	TOK_AMP,
	TOK_AND_IF,
	TOK_PIPE,
	TOK_OR_IF,
	TOK_LPAREN,
	TOK_RPAREN,
	TOK_LESS,
	TOK_GREAT,
	TOK_DGREAT,
	TOK_LESSGREAT,
	TOK_CLOBBER,
	TOK_LESSAND,
	TOK_GREATAND,
	TOK_DLESS,
	TOK_DLESSDASH,
};

struct token {
	enum token_kind kind;
	struct word *word;
	int number;
	size_t begin, end;
};

struct heredoc {
	struct redir *redir;
	char *delim;
	bool quoted, strip;
	struct heredoc *next;
};

struct parser {
	struct input *in;
	struct unit *unit;
	struct token tok;
	bool have_tok;
	bool failed;
	bool keep_raw;
	struct buf raw;
	struct heredoc *pending, **pending_tail;
};

struct token *lex_peek(struct parser *ps);
void lex_take(struct parser *ps);
int lex_get(struct parser *ps);	    /* joins lines at \<newline> */
int lex_get_raw(struct parser *ps); /* does not */
int lex_peek_char(struct parser *ps);
void
lex_heredoc(struct parser *ps, struct redir *r, struct word *delim, bool strip);
const char *token_text(struct parser *ps);
const char *word_plain(const struct word *w); /* NULL if quoted or odd */

struct word *word_scan(struct parser *ps);
struct word *word_scan_heredoc(struct parser *ps);

void parse_error(struct parser *ps, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
struct node *parse_until_rparen(struct parser *ps);
struct node *parse_all(struct parser *ps);

enum parse_result { PARSE_OK, PARSE_EOF, PARSE_FAILED };
enum parse_result
parse_line(struct input *in, struct unit **unit, struct node **tree);

/* ---- shell state ----------------------------------------------------- */

enum unwind {
	UNWIND_NONE,
	UNWIND_BREAK,
	UNWIND_CONTINUE, /* unwind_count loops */
	UNWIND_RETURN,
	UNWIND_EXIT,
	UNWIND_ERROR,	  /* ends a script, not a terminal */
	UNWIND_INTERRUPT, /* Ctrl-C: back to the prompt */
};

enum option {
	OPT_ALLEXPORT,
	OPT_ERREXIT,
	OPT_NOGLOB,
	OPT_INTERACTIVE,
	OPT_MONITOR,
	OPT_NOEXEC,
	OPT_NOUNSET,
	OPT_VERBOSE,
	OPT_XTRACE,
	OPT_NOCLOBBER,
	OPT_COUNT,
};

struct params {
	int n;
	char **v;
};

struct shell {
	int status;		 /* $? */
	int substitution_status; /* of the last $(...), or -1 */
	enum unwind unwind;
	int unwind_count;
	int loop_depth, function_depth, source_depth;
	int no_errexit; /* inside a condition when > 0 */
	bool opt[OPT_COUNT];
	bool interactive;
	bool subshell;
	const char *arg0;
	struct params params;
	pid_t pid;	       /* $$ */
	pid_t last_background; /* $!, or 0 */
	int lineno;
	const char *script; /* file name for messages, or NULL */
};

extern struct shell sh;

/* main.c */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void fatal_expansion(void); /* sets UNWIND_ERROR and a failing status */
int run_input(struct input *in, bool tail);
int run_string(const char *s);
int run_file(const char *path); /* -1: cannot open, errno */
void run_script_instead(const char *path, char **argv);
void shell_exit(int status) __attribute__((noreturn));
bool option_set_letter(char c, bool on);
bool option_set_name(const char *name, bool on);
void option_print(bool as_commands);
const char *option_letters(void);
void params_set(struct params *p, int n, char **v);
void params_free(struct params *p);

/* ---- var.c ----------------------------------------------------------- */

#define VAR_EXPORT   1
#define VAR_READONLY 2

void var_init(void);
const char *var_get(const char *name); /* NULL when unset */
bool var_set(const char *name, const char *value, int flags);
bool var_unset(const char *name);
void var_flag(const char *name, int flag);
void var_frame_push(void);
void var_frame_pop(void);
void var_save(const char *name); /* into the top frame */
bool var_frame_any(void);
char **var_environ(void); /* in sh_tmp */
void var_print(int flag, const char *prefix);
void var_forget_unexported(void);
bool name_ok(const char *s, size_t n);
const char *quote(const char *s); /* in sh_tmp */

struct function {
	char *name;
	struct node *body;
	struct unit *unit;
	struct function *next;
};

void function_define(const char *name, struct node *body, struct unit *u);
struct function *function_find(const char *name);
bool function_unset(const char *name);
void function_forget_all(void);
struct function *function_first(void);

/* ---- expand.c, param.c, arith.c, pattern.c ---------------------------- */

struct fields {
	char **v;
	int n, cap;
};

struct expander {
	struct buf cur;
	bool have, space_ended, split, pattern;
	struct fields *out;
};

/* All results are in sh_tmp; NULL with sh.unwind set after an error. */
char **expand_words(struct word *w, int *argc);
char *expand_string(struct word *w);
char *expand_assign(struct word *w);
char *expand_pattern(struct word *w);
char *expand_prompt(const char *s);

void expand_parts(struct expander *e, struct part *p, bool operand);
void expander_value(struct expander *e, const char *s, bool quoted);
void expander_break(struct expander *e);
void expand_param(struct expander *e, struct part *p);
const char *param_get(const char *name);
void fields_add(struct fields *f, char *s);

bool arith_eval(const char *s, intmax_t *value);
bool parse_number(const char *s, intmax_t *value);

bool pattern_match(const char *p, const char *s, size_t n);
bool pattern_active(const char *p);
char *pattern_unescape(const char *p);
int glob_expand(const char *p, struct fields *out);

/* ---- exec.c, run.c, redir.c ------------------------------------------ */

int exec_node(struct node *n, bool tail);
int exec_simple(struct node *n, bool tail);
void exec_program(char **argv) __attribute__((noreturn));
int run_argv(int argc, char **argv, bool functions);
char *find_program(const char *name, int *error_code);
void run_child(struct node *n) __attribute__((noreturn));
int builtin_exec(int argc, char **argv);

struct saved_fd {
	int fd, copy;
	struct saved_fd *next;
};

/* Returns 0 or -1 after a message; what was done stays listed in *saved. */
int redir_apply(struct redir *r, struct saved_fd **saved);
void redir_restore(struct saved_fd *saved);
int fd_move_high(int fd);

/* ---- jobs.c ---------------------------------------------------------- */

struct job;

void jobs_init(void);
void jobs_end(void);
bool jobs_controlled(void);
struct job *job_new(const struct node *n);
void job_free(struct job *j);
pid_t job_fork(struct job *j, bool foreground); /* NULL: no group of its own */
int job_wait_foreground(struct job *j);
void job_background(struct job *j, bool announce);
int wait_child(pid_t pid);
void jobs_report(void);
void jobs_forget(void);
bool jobs_stopped(void);
int builtin_jobs(int argc, char **argv);
int builtin_fg(int argc, char **argv);
int builtin_bg(int argc, char **argv);
int builtin_wait(int argc, char **argv);
int builtin_kill(int argc, char **argv);

/* ---- trap.c ---------------------------------------------------------- */

void signals_init(void);
void signals_subshell(void);   /* in a child: no handlers */
void signals_exec(void);       /* before `exec program` */
bool trap_poll(void);	       /* runs what is pending */
bool traps_set(void);	       /* is a trap waiting to be run? */
int trap_pending_signal(void); /* caught, not yet acted on; or 0 */
ssize_t read_or_signal(int fd, void *p, size_t n); /* misses no signal */
void trap_run_exit(void);
bool interrupted(void); /* Ctrl-C at the prompt's shell */
void interrupt_clear(void);
const char *signal_name(int sig);
int signal_number(const char *name);
int builtin_trap(int argc, char **argv);

/* ---- builtins -------------------------------------------------------- */

#define BUILTIN_SPECIAL 1

struct builtin {
	const char *name;
	int (*run)(int argc, char **argv);
	int flags;
	const char *help;
};

extern const struct builtin builtins[];
const struct builtin *builtin_find(const char *name);

/* Builtins write here; the caller of a builtin flushes. */
void out_puts(const char *s);
void out_add(const char *s, size_t n);
void out_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int out_flush(void);

int builtin_echo(int argc, char **argv);
int builtin_printf(int argc, char **argv);
int builtin_read(int argc, char **argv);
int builtin_test(int argc, char **argv);
int builtin_set(int argc, char **argv);
int builtin_export(int argc, char **argv);
int builtin_readonly(int argc, char **argv);
int builtin_local(int argc, char **argv);
int builtin_unset(int argc, char **argv);
int builtin_shift(int argc, char **argv);
int builtin_getopts(int argc, char **argv);
int builtin_help(int argc, char **argv);
int builtin_ulimit(int argc, char **argv);
int builtin_history(int argc, char **argv);
int builtin_cd(int argc, char **argv);
int builtin_pwd(int argc, char **argv);
int builtin_type(int argc, char **argv);
int builtin_command(int argc, char **argv);
void cwd_init(void);

/* ---- edit.c, history.c, complete.c ------------------------------------ */

enum edit_result { EDIT_LINE, EDIT_EOF, EDIT_INTERRUPT, EDIT_NO_TERMINAL };
enum edit_result edit_line(const char *prompt, struct buf *line);

void history_add(const char *line);
const char *history_get(int back); /* 1 is the newest; NULL beyond */

/*
 * Completes the word that ends at line[pos].  Returns the number of
 * candidates; *insert (malloc'ed) is what to type; *list, when there are
 * several, the names.  The caller frees both with complete_free.
 */
struct completion {
	char *insert;
	char **list;
	int n;
};
void complete(const char *line, size_t pos, struct completion *c);
void complete_commands(struct completion *c);
void complete_free(struct completion *c);

/* ---- suggest.c ------------------------------------------------------- */

void say_not_found(const char *name); /* and what it may mean */

#endif
