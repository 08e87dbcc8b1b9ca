/* SPDX-License-Identifier: MIT */
/*
 * check/crash_kasan.c - /proc/kasan: make memory errors on purpose, to show
 * that KASAN finds them.
 *
 * Reading lists words.  Writing a word makes the error that it names; writing
 * the word followed by " ok" makes the nearest correct access.  Process
 * context.  KASAN builds only.  docs/panic.md shows a report, and a test makes
 * each error.
 */
#ifdef TINE_KASAN
#include "kernel/page.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "procfs/show.h"
/* The compiler must not know the values of `too_far` (0 or 1) and `nothing`. */
static volatile size_t nothing = 0;
static volatile char sink;
static char global[9];

static int
slab_byte(size_t too_far)
{
	volatile char *p = kmalloc(40);

	if (p == NULL)
		return -ENOMEM;
	p[39 + too_far] = 1;
	kfree((char *)(uintptr_t)p);
	return 0;
}

static int
slab_below(size_t too_far)
{
	volatile char *p = kmalloc(40);

	if (p == NULL)
		return -ENOMEM;
	sink = p[nothing - too_far];
	kfree((char *)(uintptr_t)p);
	return 0;
}

static int
slab_freed(size_t too_far)
{
	volatile uint32_t *p = kzalloc(40);

	if (p == NULL)
		return -ENOMEM;
	if (too_far)
		kfree((void *)(uintptr_t)p);
	sink = (char)p[9];
	if (!too_far)
		kfree((void *)(uintptr_t)p);
	return 0;
}

static int
slab_twice(size_t too_far)
{
	char *p = kmalloc(40);

	if (p == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= too_far + nothing; i++)
		kfree(p);
	return 0;
}

static int
page_freed(size_t too_far)
{
	volatile uint64_t *p = page_alloc(true);

	if (p == NULL)
		return -ENOMEM;
	if (too_far)
		page_free((void *)(uintptr_t)p);
	sink = (char)p[511];
	if (!too_far)
		page_free((void *)(uintptr_t)p);
	return 0;
}

static noinline void
store_at(volatile char *p, size_t i)
{
	p[i] = 1;
}

static int
local_byte(size_t too_far)
{
	char local[20];

	store_at(local, 19 + too_far);
	return 0;
}

static int
local_ended(size_t too_far)
{
	char *volatile p;
	char outer[16];

	{
		char inner[16];

		p = too_far ? inner : outer;
		store_at(p, 0);
	}
	store_at(p, 0);
	return 0;
}

static int
global_byte(size_t too_far)
{
	store_at(global, 8 + too_far);
	return 0;
}

static int
copy_over(size_t too_far)
{
	char *from = kzalloc(64), *to = kmalloc(40);
	int err = -ENOMEM;

	if (from != NULL && to != NULL) {
		memcpy(to + nothing, from, 40 + too_far);
		err = 0;
	}
	kfree(from);
	kfree(to);
	return err;
}

static const struct {
	const char *word, *meaning;
	int (*make)(size_t too_far);
} mistakes[] = {
	{ "slab", "store one byte past the end of a slab object", slab_byte },
	{ "below", "load the byte before a slab object", slab_below },
	{ "freed", "load from a freed slab object", slab_freed },
	{ "twice", "free a slab object twice", slab_twice },
	{ "page", "load from a freed page", page_freed },
	{ "local", "store one byte past a local variable", local_byte },
	{ "ended", "store to a local variable after its scope has ended",
	  local_ended },
	{ "global", "store one byte past a global variable", global_byte },
	{ "copy", "copy one byte too many to a slab object", copy_over },
};

int
show_mistakes(struct textbuf *out, const struct proc_node *node)
{
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++)
		tb_printf(out, "%-8s%s\n", mistakes[i].word,
			  mistakes[i].meaning);
	return 0;
}

int
write_mistake(const char *data, size_t n, const struct proc_node *node)
{
	const char *space = memchr(data, ' ', n);
	size_t len = space != NULL ? (size_t)(space - data) : n;

	if (space != NULL && !proc_is_word(space, n - len, " ok"))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (proc_is_word(data, len, mistakes[i].word)) {
			int err = mistakes[i].make(space == NULL);

			sink = 0; /* prevents a tail call of make() */
			return err;
		}
	}
	return -EINVAL;
}
#endif
