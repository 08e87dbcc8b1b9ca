/* SPDX-License-Identifier: MIT */
/*
 * proc/stack.c - building the initial stack of a new program.
 *
 * stack_layout() computes the addresses in this layout; stack_store() writes
 * the stack.
 *
 *   PROGRAM_STACK_TOP
 *	8 zero bytes
 *	strings: arguments, environment, path of the program
 *	strings of a script's interpreter
 *	16 random bytes
 *	auxiliary vector, NULL, environment pointers, NULL, argument pointers
 *   sp	argc
 */
#include "proc/stack.h"

#include "kernel/random.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/space.h"
#include "proc/exec.h"
#include "proc/rights.h"
#include "proc/script.h"
#include "proc/sigpage.h"
#include "proc/strings.h"

#define AT_NULL	       0
#define AT_PHDR	       3
#define AT_PHENT       4
#define AT_PHNUM       5
#define AT_PAGESZ      6
#define AT_BASE	       7
#define AT_FLAGS       8
#define AT_ENTRY       9
#define AT_UID	       11
#define AT_EUID	       12
#define AT_GID	       13
#define AT_EGID	       14
#define AT_HWCAP       16
#define AT_CLKTCK      17
#define AT_SECURE      23
#define AT_RANDOM      25
#define AT_EXECFN      31
#define AT_MINSIGSTKSZ 51
#define AUX_COUNT      18 /* pairs, with AT_NULL */

/* The bits for the extensions IMAFDC, one for each letter. */
#define HWCAP_IMAFDC 0x112d
#define SIGFRAME_MIN 1088

#define RANDOM_WORDS 2

/* A buffer that collects words for one write to user memory. */
struct writer {
	struct space *s;
	uaddr_t at;
	uint64_t buf[64];
	unsigned n;
	bool failed;
};

static void
flush(struct writer *w)
{
	size_t bytes = w->n * sizeof(w->buf[0]);

	if (space_write(w->s, w->at, w->buf, bytes) != bytes)
		w->failed = true;
	w->at += bytes;
	w->n = 0;
}

static void
put(struct writer *w, uint64_t word)
{
	if (w->n == ARRAY_SIZE(w->buf))
		flush(w);
	w->buf[w->n++] = word;
}

static void
put_aux(struct writer *w, uint64_t type, uint64_t value)
{
	put(w, type);
	put(w, value);
}

int
stack_layout(struct stack_plan *p, uint64_t limit)
{
	const struct script *sc = p->script;
	size_t text = p->strings->bytes;
	uaddr_t at = PROGRAM_STACK_TOP - 8;

	p->final_argc = p->argc;
	p->skip = 0;
	p->script_bytes = 0;
	if (sc->count > 0) {
		struct strings_walk w;

		strings_walk_init(&w, p->strings, 0);
		(void)strings_walk_next(&w);
		p->skip = w.at;
		p->final_argc = p->argc - 1 + sc->count;
	}
	for (unsigned i = 0; i < sc->count; i++)
		p->script_bytes += strlen(sc->word[i]) + 1;
	at -= text - p->skip;
	p->strings_at = at;
	at -= p->script_bytes;
	p->script_at = at;
	p->words = 1 + p->final_argc + 1 + p->envc + 1 + 2 * AUX_COUNT +
		   RANDOM_WORDS;
	p->sp = ROUND_DOWN(at - p->words * sizeof(uint64_t), UINT64_C(16));
	if (PROGRAM_STACK_TOP - p->sp >
	    MIN(EXEC_TOTAL_MAX + (UINT64_C(64) << 10), limit / 4))
		return -E2BIG;
	return 0;
}

static int
store_script(const struct stack_plan *p, struct space *s)
{
	uaddr_t at = p->script_at;

	for (unsigned i = 0; i < p->script->count; i++) {
		size_t n = strlen(p->script->word[i]) + 1;

		if (space_write(s, at, p->script->word[i], n) != n)
			return -ENOMEM;
		at += n;
	}
	return 0;
}

static void
put_arguments(struct writer *w, struct stack_plan *p, struct strings_walk *walk)
{
	uaddr_t at = p->script_at;
	unsigned left = p->argc;

	for (unsigned i = 0; i < p->script->count; i++) {
		put(w, at);
		at += strlen(p->script->word[i]) + 1;
	}
	if (p->script->count > 0) {
		(void)strings_walk_next(walk);
		left--;
	}
	while (left-- > 0)
		put(w, strings_walk_next(walk));
	put(w, 0);
}

static void
put_auxv(struct writer *w, const struct stack_plan *p, uaddr_t execfn)
{
	const struct cred *cred = &p->rights->cred;
	uaddr_t end = p->sp + p->words * sizeof(uint64_t);

	put_aux(w, AT_HWCAP, HWCAP_IMAFDC);
	put_aux(w, AT_PAGESZ, PAGE_SIZE);
	put_aux(w, AT_CLKTCK, 100);
	put_aux(w, AT_PHDR, p->headers);
	put_aux(w, AT_PHENT, 56);
	put_aux(w, AT_PHNUM, p->header_count);
	put_aux(w, AT_BASE, p->interp_base);
	put_aux(w, AT_FLAGS, 0);
	put_aux(w, AT_ENTRY, p->entry);
	put_aux(w, AT_UID, cred->uid);
	put_aux(w, AT_EUID, cred->euid);
	put_aux(w, AT_GID, cred->gid);
	put_aux(w, AT_EGID, cred->egid);
	put_aux(w, AT_SECURE, p->rights->secure);
	put_aux(w, AT_RANDOM, end - RANDOM_WORDS * sizeof(uint64_t));
	put_aux(w, AT_EXECFN, execfn);
	put_aux(w, AT_MINSIGSTKSZ, SIGFRAME_MIN);
	put_aux(w, AT_NULL, 0);
}

int
stack_store(struct stack_plan *p, struct space *s)
{
	struct writer w = { .s = s, .at = p->sp };
	struct strings_walk walk;
	uint64_t random[RANDOM_WORDS];
	int err = store_script(p, s);

	if (err == 0)
		err = strings_store(p->strings, p->skip, s, p->strings_at);
	if (err != 0)
		return err;
	strings_walk_init(&walk, p->strings, p->strings_at - p->skip);
	s->arg_start = p->script_at;
	put(&w, p->final_argc);
	put_arguments(&w, p, &walk);
	s->arg_end = s->env_start = walk.at;
	for (unsigned i = 0; i < p->envc; i++)
		put(&w, strings_walk_next(&walk));
	put(&w, 0);
	s->env_end = walk.at;
	put_auxv(&w, p, walk.at);
	random_bytes(random, sizeof(random));
	for (unsigned i = 0; i < RANDOM_WORDS; i++)
		put(&w, random[i]);
	flush(&w);
	return w.failed ? -ENOMEM : 0;
}
