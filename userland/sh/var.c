/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/var.c - variables, functions, and what quoting them looks like.
 *
 * Variables are a hash table of malloc'ed records.  A frame remembers the
 * values that a function's `local`, or the assignments before one command,
 * hide; popping the frame brings them back.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sh.h"

#define BUCKETS 64

struct var {
	char *name;
	char *value; /* NULL: exported or so, but unset */
	int flags;
	struct var *next;
};

struct hidden {
	char *name, *value;
	int flags;
	struct hidden *next;
};

struct frame {
	struct hidden *hidden;
	struct frame *outer;
};

extern char **environ;

static struct var *table[BUCKETS];
static struct frame *frames;
static struct function *functions;

bool
name_ok(const char *s, size_t n)
{
	if (n == 0 || (s[0] >= '0' && s[0] <= '9'))
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];

		if (c >= 128 || (!isalnum(c) && c != '_'))
			return false;
	}
	return true;
}

static struct var *
find(const char *name, bool create)
{
	unsigned hash = 0;
	struct var *v;

	for (const char *s = name; *s != '\0'; s++)
		hash = hash * 31 + (unsigned char)*s;
	for (v = table[hash % BUCKETS]; v != NULL; v = v->next)
		if (strcmp(v->name, name) == 0)
			return v;
	if (!create)
		return NULL;
	v = xmalloc(sizeof(*v));
	*v = (struct var){ .name = xstrdup(name),
			   .next = table[hash % BUCKETS] };
	table[hash % BUCKETS] = v;
	return v;
}

const char *
var_get(const char *name)
{
	struct var *v = find(name, false);

	return v != NULL ? v->value : NULL;
}

/* False, with a message, when the variable may not change. */
bool
var_set(const char *name, const char *value, int flags)
{
	struct var *v = find(name, true);
	char *copy;

	if (v->flags & VAR_READONLY) {
		error("%s: this variable is read-only", name);
		return false;
	}
	copy = xstrdup(value);
	free(v->value);
	v->value = copy;
	v->flags |= flags;
	if (sh.opt[OPT_ALLEXPORT])
		v->flags |= VAR_EXPORT;
	return true;
}

bool
var_unset(const char *name)
{
	struct var *v = find(name, false);

	if (v == NULL)
		return true;
	if (v->flags & VAR_READONLY) {
		error("%s: this variable is read-only", name);
		return false;
	}
	free(v->value);
	v->value = NULL;
	v->flags = 0;
	return true;
}

void
var_flag(const char *name, int flag)
{
	find(name, true)->flags |= flag;
}

void
var_frame_push(void)
{
	struct frame *f = xmalloc(sizeof(*f));

	*f = (struct frame){ NULL, frames };
	frames = f;
}

void
var_save(const char *name)
{
	struct var *v = find(name, false);
	struct hidden *h;

	for (h = frames->hidden; h != NULL; h = h->next)
		if (strcmp(h->name, name) == 0)
			return;
	h = xmalloc(sizeof(*h));
	*h = (struct hidden){ .name = xstrdup(name), .next = frames->hidden };
	if (v != NULL) {
		h->value = v->value != NULL ? xstrdup(v->value) : NULL;
		h->flags = v->flags;
	}
	frames->hidden = h;
}

void
var_frame_pop(void)
{
	struct frame *f = frames;

	frames = f->outer;
	while (f->hidden != NULL) {
		struct hidden *h = f->hidden;
		struct var *v = find(h->name, true);

		free(v->value);
		v->value = h->value;
		v->flags = h->flags;
		f->hidden = h->next;
		free(h->name);
		free(h);
	}
	free(f);
}

bool
var_frame_any(void)
{
	return frames != NULL;
}

/* Call `fn` for each variable that is set, in the order of the names. */
static int
by_name(const void *a, const void *b)
{
	const struct var *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static struct var **
sorted(size_t *count)
{
	struct var **list;
	size_t n = 0;

	for (int i = 0; i < BUCKETS; i++)
		for (struct var *v = table[i]; v != NULL; v = v->next)
			n++;
	list = arena_alloc(&sh_tmp, (n + 1) * sizeof(*list));
	n = 0;
	for (int i = 0; i < BUCKETS; i++)
		for (struct var *v = table[i]; v != NULL; v = v->next)
			list[n++] = v;
	qsort(list, n, sizeof(*list), by_name);
	*count = n;
	return list;
}

char **
var_environ(void)
{
	size_t n, out = 0;
	struct var **list = sorted(&n);
	char **env = arena_alloc(&sh_tmp, (n + 1) * sizeof(*env));

	for (size_t i = 0; i < n; i++) {
		struct var *v = list[i];
		size_t name = strlen(v->name);

		if (!(v->flags & VAR_EXPORT) || v->value == NULL)
			continue;
		env[out] = arena_alloc(&sh_tmp, name + strlen(v->value) + 2);
		memcpy(env[out], v->name, name);
		env[out][name] = '=';
		strcpy(env[out] + name + 1, v->value);
		out++;
	}
	return env;
}

/* Print those with `flag` (all when 0) so that they can be read back. */
void
var_print(int flag, const char *prefix)
{
	struct mark m = arena_mark(&sh_tmp);
	size_t n;
	struct var **list = sorted(&n);

	for (size_t i = 0; i < n; i++) {
		struct var *v = list[i];

		if (flag != 0 ? !(v->flags & flag) : v->value == NULL)
			continue;
		out_puts(prefix);
		out_puts(v->name);
		if (v->value != NULL) {
			out_puts("=");
			out_puts(quote(v->value));
		}
		out_puts("\n");
	}
	arena_release(&sh_tmp, m);
}

/* A script of this shell must see only what a program would. */
void
var_forget_unexported(void)
{
	while (frames != NULL)
		var_frame_pop();
	for (int i = 0; i < BUCKETS; i++) {
		for (struct var *v = table[i]; v != NULL; v = v->next) {
			if (v->flags & VAR_EXPORT)
				continue;
			free(v->value);
			v->value = NULL;
			v->flags = 0;
		}
	}
}

/* In quotes a shell would read back, when it needs any. */
const char *
quote(const char *s)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-./:,+@%^";
	struct buf b = { NULL, 0, 0 };
	char *copy;

	if (*s != '\0' && s[strspn(s, plain)] == '\0')
		return s;
	buf_push(&b, '\'');
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			buf_puts(&b, "'\\''");
		else
			buf_push(&b, *s);
	}
	buf_push(&b, '\'');
	copy = arena_strdup(&sh_tmp, buf_str(&b));
	buf_free(&b);
	return copy;
}

void
var_init(void)
{
	char text[32];

	for (char **e = environ; e != NULL && *e != NULL; e++) {
		char *eq = strchr(*e, '=');
		char *name;

		if (eq == NULL || !name_ok(*e, eq - *e))
			continue;
		name = xmalloc(eq - *e + 1);
		memcpy(name, *e, eq - *e);
		name[eq - *e] = '\0';
		var_set(name, eq + 1, VAR_EXPORT);
		free(name);
	}
	var_set("IFS", " \t\n", 0);
	var_set("PS4", "+ ", 0);
	var_set("OPTIND", "1", 0);
	snprintf(text, sizeof(text), "%ld", (long)getppid());
	var_set("PPID", text, 0);
	if (var_get("PATH") == NULL)
		var_set("PATH", "/bin:/sbin:/usr/bin", 0);
	cwd_init();
}

/* ---- functions ------------------------------------------------------- */

struct function *
function_first(void)
{
	return functions;
}

struct function *
function_find(const char *name)
{
	for (struct function *f = functions; f != NULL; f = f->next)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

void
function_define(const char *name, struct node *body, struct unit *u)
{
	struct function *f = function_find(name);

	unit_hold(u);
	if (f == NULL) {
		f = xmalloc(sizeof(*f));
		f->name = xstrdup(name);
		f->next = functions;
		functions = f;
	} else {
		unit_drop(f->unit);
	}
	f->body = body;
	f->unit = u;
}

bool
function_unset(const char *name)
{
	for (struct function **p = &functions; *p != NULL; p = &(*p)->next) {
		struct function *f = *p;

		if (strcmp(f->name, name) != 0)
			continue;
		*p = f->next;
		unit_drop(f->unit);
		free(f->name);
		free(f);
		return true;
	}
	return false;
}

void
function_forget_all(void)
{
	while (functions != NULL)
		function_unset(functions->name);
}
