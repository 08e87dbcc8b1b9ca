/*
 * syscall/poll.c - ppoll and pselect6: waiting for descriptors.
 *
 * Both turn what the program asks into poll_entry records, wait with
 * poll_files(), and write the results and the time that is left back.  The
 * records of a few descriptors live on the stack.
 */
#include "syscall/filecall.h"

#include "fs/current.h"
#include "fs/poll.h"
#include "lib/string.h"
#include "syscall/timeval.h"

#define FEW 16u /* entries kept on the stack */

#define SET_WORDS (FD_MAX / 64)

/* What makes a descriptor a member of select's three results. */
#define SELECT_IN  (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define SELECT_OUT (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)
#define SELECT_PRI POLLPRI

struct user_pollfd {
	int32_t fd;
	uint16_t events, revents;
};

/* ---- timeout and signal mask, the same for both ---- */

struct poll_wait_args {
	uaddr_t timeout;   /* where the program's timespec is, or 0 */
	uint64_t deadline; /* for poll_files() */
	bool masked;	   /* old_mask must come back */
	uint64_t old_mask;
};

static int
wait_begin(struct poll_wait_args *w, uaddr_t timeout, uaddr_t mask,
	   uint64_t mask_size)
{
	struct user_timespec ts;
	uint64_t newmask;

	w->timeout = timeout;
	w->deadline = WAIT_FOREVER;
	w->masked = false;
	if (timeout != 0) {
		if (copy_from_user(&ts, timeout, sizeof(ts)) != 0)
			return -EFAULT;
		if (!timespec_ok(&ts))
			return -EINVAL;
		w->deadline = ts.sec == 0 && ts.nsec == 0
				      ? 0
				      : deadline_in(ns_of(ts.sec, ts.nsec));
	}
	if (mask == 0)
		return 0;
	if (mask_size != sizeof(newmask))
		return -EINVAL;
	if (copy_from_user(&newmask, mask, sizeof(newmask)) != 0)
		return -EFAULT;
	w->masked = true;
	return current_set_sigmask(&newmask, &w->old_mask);
}

/*
 * The call ends with `r`.  A call that is to be restarted must find the time
 * that is left; if that cannot be stored it is interrupted for good.
 */
static int64_t
wait_end(struct poll_wait_args *w, int64_t r)
{
	struct user_timespec left;
	uint64_t now;

	if (w->masked)
		current_restore_sigmask(&w->old_mask, r == -ERESTARTNOHAND);
	if (w->timeout == 0 || w->deadline == 0)
		return r;
	now = time_now();
	left = timespec_of(now < w->deadline ? w->deadline - now : 0);
	if (copy_to_user(w->timeout, &left, sizeof(left)) != 0 &&
	    r == -ERESTARTNOHAND)
		return -EINTR;
	return r;
}

/* ---- entries ---- */

static struct poll_entry *
entries_alloc(struct poll_entry *few, unsigned n)
{
	return n <= FEW ? few : kmalloc(n * sizeof(*few));
}

/* Drop the files of the first n entries, and the entries. */
static void
entries_free(struct poll_entry *few, struct poll_entry *e, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (e[i].file != NULL)
			file_put(e[i].file);
	}
	if (e != few)
		kfree(e);
}

/* ---- ppoll ---- */

/* Entry from the pollfd at `at`.  A number that is not open is a result. */
static int
pollfd_get(struct poll_entry *e, uaddr_t at)
{
	struct user_pollfd p;

	e->file = NULL;
	if (copy_from_user(&p, at, sizeof(p)) != 0)
		return -EFAULT;
	e->fd = p.fd;
	e->events = (uint16_t)(p.events | POLLERR | POLLHUP);
	e->revents = 0;
	if (p.fd < 0)
		return 0;
	e->file = fd_get(p.fd);
	if (e->file == NULL)
		e->revents = POLLNVAL;
	return 0;
}

static int64_t
do_poll(uaddr_t fds, unsigned n, uint64_t deadline)
{
	struct poll_entry few[FEW], *e = entries_alloc(few, n);
	unsigned got = 0;
	int64_t r = 0;

	if (e == NULL)
		return -ENOMEM;
	for (; r == 0 && got < n; got++)
		r = pollfd_get(&e[got], fds + got * sizeof(struct user_pollfd));
	if (r == 0)
		r = poll_files(e, n, deadline);
	for (unsigned i = 0; r >= 0 && i < n; i++) {
		uaddr_t at = fds + i * sizeof(struct user_pollfd) +
			     offsetof(struct user_pollfd, revents);

		if (copy_to_user(at, &e[i].revents, sizeof(e[i].revents)) != 0)
			r = -EFAULT;
	}
	entries_free(few, e, got);
	return r;
}

int64_t
sys_ppoll(uint64_t fds, uint64_t n, uint64_t timeout, uint64_t mask,
	  uint64_t mask_size)
{
	struct poll_wait_args w;
	int64_t r;

	if ((uint32_t)n > MIN(current_nofile_limit(), (uint64_t)FD_MAX))
		return -EINVAL;
	r = wait_begin(&w, timeout, mask, mask_size);
	if (r != 0)
		return r;
	return wait_end(&w, do_poll(fds, (uint32_t)n, w.deadline));
}

/* ---- pselect6 ---- */

enum { SET_IN, SET_OUT, SET_PRI, SETS };

static const uint16_t set_events[SETS] = { SELECT_IN, SELECT_OUT, SELECT_PRI };

struct select_sets {
	uaddr_t at[SETS]; /* 0: not asked for */
	unsigned words;
	uint64_t bits[SETS][SET_WORDS];
};

static int
sets_get(struct select_sets *s, unsigned n)
{
	size_t size;

	s->words = (n + 63) / 64;
	size = s->words * sizeof(uint64_t);
	for (unsigned k = 0; k < SETS; k++) {
		memset(s->bits[k], 0, size);
		if (s->at[k] == 0 || n == 0)
			continue;
		if (copy_from_user(s->bits[k], s->at[k], size) != 0)
			return -EFAULT;
		if (n % 64 != 0)
			s->bits[k][s->words - 1] &= (UINT64_C(1) << n % 64) - 1;
	}
	return 0;
}

static int
sets_put(const struct select_sets *s)
{
	for (unsigned k = 0; k < SETS; k++) {
		if (s->at[k] != 0 && s->words > 0 &&
		    copy_to_user(s->at[k], s->bits[k],
				 s->words * sizeof(uint64_t)) != 0)
			return -EFAULT;
	}
	return 0;
}

/* Descriptors in word i of any set. */
static uint64_t
sets_any(const struct select_sets *s, unsigned i)
{
	return s->bits[SET_IN][i] | s->bits[SET_OUT][i] | s->bits[SET_PRI][i];
}

static unsigned
sets_count(const struct select_sets *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->words; i++) {
		for (uint64_t any = sets_any(s, i); any != 0; any &= any - 1)
			n++;
	}
	return n;
}

/* Make the entries; *got of them have a file, also on failure. */
static int
sets_open(const struct select_sets *s, struct poll_entry *e, unsigned *got)
{
	for (unsigned fd = 0; fd < s->words * 64; fd++) {
		struct poll_entry *p = &e[*got];

		if (!(sets_any(s, fd / 64) >> fd % 64 & 1))
			continue;
		p->fd = (int32_t)fd;
		p->events = p->revents = 0;
		for (unsigned k = 0; k < SETS; k++) {
			if (s->bits[k][fd / 64] >> fd % 64 & 1)
				p->events |= set_events[k];
		}
		p->file = fd_get((int)fd);
		if (p->file == NULL)
			return -EBADF;
		++*got;
		if (p->file->mode & FILE_PATH_ONLY)
			return -EBADF;
	}
	return 0;
}

/* Leave in the sets what is ready; returns how many bits that are. */
static int
sets_result(struct select_sets *s, const struct poll_entry *e, unsigned n)
{
	int bits = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned word = (unsigned)e[i].fd / 64;
		uint64_t bit = UINT64_C(1) << (unsigned)e[i].fd % 64;

		for (unsigned k = 0; k < SETS; k++) {
			if (!(s->bits[k][word] & bit))
				continue;
			if (e[i].revents & set_events[k])
				bits++;
			else
				s->bits[k][word] &= ~bit;
		}
	}
	return bits;
}

static int64_t
do_select(struct select_sets *s, unsigned n, uint64_t deadline)
{
	struct poll_entry few[FEW], *e;
	unsigned count, got = 0;
	int64_t r = sets_get(s, n);

	if (r != 0)
		return r;
	count = sets_count(s);
	e = entries_alloc(few, count);
	if (e == NULL)
		return -ENOMEM;
	r = sets_open(s, e, &got);
	if (r == 0)
		r = poll_files(e, got, deadline);
	if (r >= 0) {
		r = sets_result(s, e, got);
		if (sets_put(s) != 0)
			r = -EFAULT;
	}
	entries_free(few, e, got);
	return r;
}

int64_t
sys_pselect6(uint64_t n, uint64_t in, uint64_t out, uint64_t pri,
	     uint64_t timeout, uint64_t mask)
{
	struct select_sets s;
	uint64_t mask_arg[2] = { 0, 0 }; /* address and size */
	struct poll_wait_args w;
	int64_t r;

	if ((int32_t)n < 0)
		return -EINVAL;
	if (mask != 0 && copy_from_user(mask_arg, mask, sizeof(mask_arg)) != 0)
		return -EFAULT;
	r = wait_begin(&w, timeout, mask_arg[0], mask_arg[1]);
	if (r != 0)
		return r;
	s.at[SET_IN] = in;
	s.at[SET_OUT] = out;
	s.at[SET_PRI] = pri;
	/* No number from FD_MAX on can be open: they are not looked at. */
	r = do_select(&s, MIN((uint32_t)n, FD_MAX), w.deadline);
	return wait_end(&w, r);
}
