/* SPDX-License-Identifier: MIT */
/*
 * check/crash.c - /proc/crash: make the kernel panic on purpose, to show what a
 * panic prints.
 *
 * Reading lists words.  Writing a word makes the mistake that it names, in the
 * context of the writing process.  Debug builds only.  docs/panic.md shows the
 * output, and a test compares it.
 */
#ifdef TINE_DEBUG
#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "procfs/show.h"
/* volatile and noinline keep the compiler from removing the mistakes. */
static volatile char *volatile nowhere = (volatile char *)0x18;
static volatile int truth = 0, depth_limit = 1 << 20;
static struct spinlock outer = SPINLOCK_INIT(LOCK_HOSTNAME);
static struct spinlock inner = SPINLOCK_INIT(LOCK_RANDOM);
static struct mutex asleep = MUTEX_INIT(asleep, LOCK_STOP);

static noinline void
crash_null(void)
{
	*nowhere = 1;
}

static noinline void
crash_text(void)
{
	*(volatile char *)(uintptr_t)crash_null = 1;
}

static noinline int
crash_stack_deeper(int depth)
{
	volatile char ballast[256];

	ballast[0] = (char)depth;
	return depth < depth_limit ? crash_stack_deeper(depth + 1) + ballast[0]
				   : 0;
}

static noinline void
crash_stack(void)
{
	truth = crash_stack_deeper(0);
}

/* Fault with an aligned frame pointer into a stack that is not mapped. */
static noinline void
crash_frame(void)
{
	__asm__ volatile("mv	s0, %0\n"
			 "	sb	zero, (%1)\n"
			 :
			 : "r"(KSTACK_BASE + KSTACK_AREA - 64), "r"(nowhere)
			 : "memory");
}

static noinline void
crash_assert(void)
{
	assert(truth != 0);
}

static noinline void
crash_shift(void)
{
	truth = 1 << (depth_limit & 64 ? 0 : depth_limit); /* undefined */
}

static noinline void
crash_panic(void)
{
	panic("a process wrote \"panic\" to /proc/crash");
}

/* Access user memory with a spin lock held: docs/checklist.md, row C13. */
static noinline void
crash_copy(void)
{
	uint64_t word;

	spin_lock(&inner);
	truth = space_read(thread_current()->space, &word, 0x1000, 8) != 0;
	spin_unlock(&inner);
}

static noinline void
crash_sleep(void)
{
	spin_lock(&inner);
	thread_sleep(1);
	spin_unlock(&inner);
}

static noinline void
crash_order(void)
{
	spin_lock(&inner);
	spin_lock(&outer);
	spin_unlock(&outer);
	spin_unlock(&inner);
}

/* kmalloc() panics even if it has free objects: no shortage is needed. */
static noinline void
crash_alloc(void)
{
	mutex_lock(&asleep);
	kfree(kmalloc(16));
	mutex_unlock(&asleep);
}

static noinline void
crash_lock(void)
{
	mutex_lock(&asleep);
	truth = 0; /* no tail call: the backtrace must show this function */
}

static const struct {
	const char *word, *meaning;
	void (*make)(void);
} crashes[] = {
	{ "null", "store into a member of a structure at NULL", crash_null },
	{ "text", "store into the kernel's code", crash_text },
	{ "stack", "recurse until the kernel stack overflows", crash_stack },
	{ "frame", "store at NULL with an overwritten frame pointer",
	  crash_frame },
	{ "assert", "fail an assertion", crash_assert },
	{ "shift", "undefined behaviour: shift by too many bits", crash_shift },
	{ "copy", "access user memory with a spin lock held", crash_copy },
	{ "sleep", "sleep with a spin lock held", crash_sleep },
	{ "order", "acquire two locks in the wrong order", crash_order },
	{ "alloc", "allocate with a lock held that reclaim acquires",
	  crash_alloc },
	{ "lock", "return to user mode with a lock held", crash_lock },
	{ "panic", "call panic()", crash_panic },
};

int
show_crashes(struct textbuf *out, const struct proc_node *node)
{
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		tb_printf(out, "%-8s%s\n", crashes[i].word, crashes[i].meaning);
	return 0;
}

int
write_crash(const char *data, size_t n, const struct proc_node *node)
{
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
		if (proc_is_word(data, n, crashes[i].word))
			crashes[i].make();
	}
	return -EINVAL;
}
#endif
