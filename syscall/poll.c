/* SPDX-License-Identifier: MIT */
/*
 * syscall/poll.c - ppoll and pselect6: wait until a descriptor is ready.
 *
 * Both calls convert their arguments to poll_entry records, wait with
 * poll_files(), and store the results and the remaining time.  The first FEW
 * records are on the stack, the others in pieces of one page each; bit sets are
 * read and written a few words at a time.  A call that a signal interrupts is
 * restarted only if no handler runs.
 */
#include "syscall/filecall.h"

#include "fs/current.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/access.h"
#include "syscall/timeval.h"

#define FEW 16u /* entries kept on the stack */

#define PIECE_ENTRIES \
	((PAGE_SIZE - sizeof(struct poll_piece)) / sizeof(struct poll_entry))

#define SET_WORDS 16u /* words of each set in a set_part */

/* The events that set a descriptor's bit in each of the three sets. */
#define SELECT_IN  (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR)
#define SELECT_OUT (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR)
#define SELECT_PRI POLLPRI

struct user_pollfd {
	int32_t fd;
	uint16_t events, revents;
};

/* ---- timeout and signal mask, the same for both ---- */

struct poll_wait_args {
	uaddr_t timeout;   /* user address of the timespec, or 0 */
	uint64_t deadline; /* for poll_files() */
	bool masked;	   /* restore old_mask at the end */
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
 * Finish the call with result `r`: restore the signal mask and store the
 * remaining time.  A restarted call waits for the stored time; if storing it
 * fails, the call returns -EINTR and is not restarted.
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

struct poll_list {
	struct poll_piece first, *last;
	unsigned room; /* capacity of the last piece, in entries */
	struct poll_entry few[FEW];
};

static void
list_begin(struct poll_list *l)
{
	l->first = (struct poll_piece){ .entries = l->few };
	l->last = &l->first;
	l->room = FEW;
}

/* Append an entry without a file and without a result.  NULL: no memory. */
static struct poll_entry *
list_add(struct poll_list *l, int fd, unsigned events)
{
	struct poll_entry *e;

	if (l->last->count == l->room) {
		struct poll_piece *p = kmalloc(PAGE_SIZE);

		if (p == NULL)
			return NULL;
		sched_give_way(); /* there may be a million entries */
		*p = (struct poll_piece){
			.entries = (struct poll_entry *)(void *)(p + 1)
		};
		l->last->next = p;
		l->last = p;
		l->room = PIECE_ENTRIES;
	}
	e = &l->last->entries[l->last->count++];
	*e = (struct poll_entry){ .fd = fd, .events = (uint16_t)events };
	return e;
}

/* Drop the references to the files, and free the pieces. */
static void
list_end(struct poll_list *l)
{
	struct poll_piece *p = &l->first, *next;

	for (; p != NULL; p = next) {
		next = p->next;
		for (unsigned i = 0; i < p->count; i++) {
			if (p->entries[i].file != NULL)
				file_put(p->entries[i].file);
		}
		if (p != &l->first)
			kfree(p);
	}
}

/* An iterator over the entries of a list; see list_next(). */
struct poll_place {
	const struct poll_piece *piece;
	unsigned i;
};

static const struct poll_entry *
list_next(struct poll_place *at)
{
	while (at->piece != NULL && at->i == at->piece->count)
		*at = (struct poll_place){ at->piece->next, 0 };
	return at->piece == NULL ? NULL : &at->piece->entries[at->i++];
}

/* ---- ppoll ---- */

/* Append the pollfd at `at`.  The result of a closed descriptor is POLLNVAL. */
static int
pollfd_get(struct poll_list *l, uaddr_t at)
{
	struct user_pollfd p;
	struct poll_entry *e;

	if (copy_from_user(&p, at, sizeof(p)) != 0)
		return -EFAULT;
	e = list_add(l, p.fd, p.events | POLLERR | POLLHUP);
	if (e == NULL)
		return -ENOMEM;
	if (p.fd < 0)
		return 0;
	e->file = fd_get(p.fd);
	if (e->file == NULL)
		e->revents = POLLNVAL;
	return 0;
}

static int
pollfds_put(const struct poll_list *l, uaddr_t fds)
{
	struct poll_place place = { &l->first, 0 };
	const struct poll_entry *e;
	uaddr_t at = fds + offsetof(struct user_pollfd, revents);

	for (; (e = list_next(&place)) != NULL;
	     at += sizeof(struct user_pollfd)) {
		if (copy_to_user(at, &e->revents, sizeof(e->revents)) != 0)
			return -EFAULT;
	}
	return 0;
}

static int64_t
do_poll(uaddr_t fds, unsigned n, uint64_t deadline)
{
	struct poll_list l;
	int64_t r = 0;

	list_begin(&l);
	for (unsigned i = 0; r == 0 && i < n; i++)
		r = pollfd_get(&l, fds + i * sizeof(struct user_pollfd));
	if (r == 0)
		r = poll_files(&l.first, deadline);
	if (r >= 0 && pollfds_put(&l, fds) != 0)
		r = -EFAULT;
	list_end(&l);
	return r;
}

int64_t
sys_ppoll(uaddr_t fds, unsigned n, uaddr_t timeout, uaddr_t mask,
	  size_t mask_size)
{
	struct poll_wait_args w;
	int64_t r;

	if (n > MIN(current_nofile_limit(), (uint64_t)FD_MAX))
		return -EINVAL;
	r = wait_begin(&w, timeout, mask, mask_size);
	if (r != 0)
		return r;
	return wait_end(&w, do_poll(fds, n, w.deadline));
}

/* ---- pselect6 ---- */

enum { SET_IN, SET_OUT, SET_PRI, SETS };

static const uint16_t set_events[SETS] = { SELECT_IN, SELECT_OUT, SELECT_PRI };

/* For each set, an event that set_events[] has for this set only. */
static const uint16_t set_own[SETS] = { POLLIN, POLLOUT, POLLPRI };

struct select_sets {
	uaddr_t at[SETS]; /* 0: no such set */
	unsigned n;	  /* descriptors 0 to n - 1 are checked */
};

/* A part of the sets: `words` words of each, from descriptor `first` on. */
struct set_part {
	unsigned first, words;
	uint64_t bits[SETS][SET_WORDS];
};

/* Start the part at descriptor `first`: set its length and clear its bits. */
static void
part_begin(struct set_part *p, const struct select_sets *s, unsigned first)
{
	memset(p->bits, 0, sizeof(p->bits));
	p->first = first;
	p->words = MIN((s->n - first + 63) / 64, SET_WORDS);
}

static int
part_get(struct set_part *p, const struct select_sets *s)
{
	for (unsigned k = 0; k < SETS; k++) {
		if (s->at[k] != 0 &&
		    copy_from_user(p->bits[k], s->at[k] + p->first / 8,
				   p->words * sizeof(uint64_t)) != 0)
			return -EFAULT;
		/* Clear the bits from n on in the last word. */
		if (s->n - p->first < p->words * 64)
			p->bits[k][p->words - 1] &=
				(UINT64_C(1) << s->n % 64) - 1;
	}
	return 0;
}

static int
part_put(const struct set_part *p, const struct select_sets *s)
{
	for (unsigned k = 0; k < SETS; k++) {
		if (s->at[k] != 0 &&
		    copy_to_user(s->at[k] + p->first / 8, p->bits[k],
				 p->words * sizeof(uint64_t)) != 0)
			return -EFAULT;
	}
	return 0;
}

/* Append an entry for a descriptor of the sets.  -EBADF: it is closed. */
static int
select_open(struct poll_list *l, unsigned fd, unsigned events)
{
	struct poll_entry *e = list_add(l, (int)fd, events);

	if (e == NULL)
		return -ENOMEM;
	e->file = fd_get((int)fd);
	return e->file == NULL || (e->file->mode & FILE_PATH_ONLY) ? -EBADF : 0;
}

/* Append an entry for each descriptor in one part of the sets. */
static int
part_open(const struct set_part *p, struct poll_list *l)
{
	int err = 0;

	for (unsigned i = 0; i < p->words * 64 && err == 0; i++) {
		unsigned events = 0;

		for (unsigned k = 0; k < SETS; k++) {
			if (p->bits[k][i / 64] >> i % 64 & 1)
				events |= set_events[k];
		}
		if (events != 0)
			err = select_open(l, p->first + i, events);
	}
	return err;
}

static int
sets_open(const struct select_sets *s, struct poll_list *l)
{
	struct set_part p;
	int err = 0;

	for (unsigned fd = 0; fd < s->n && err == 0; fd += SET_WORDS * 64) {
		part_begin(&p, s, fd);
		err = part_get(&p, s);
		if (err == 0)
			err = part_open(&p, l);
	}
	return err;
}

/*
 * Set the descriptor's bit in each set for which the entry is ready.  Returns
 * the number of bits set.
 */
static int
part_result(struct set_part *p, const struct poll_entry *e)
{
	unsigned i = (unsigned)e->fd - p->first;
	int bits = 0;

	for (unsigned k = 0; k < SETS; k++) {
		if (!(e->events & set_own[k]) || !(e->revents & set_events[k]))
			continue;
		p->bits[k][i / 64] |= UINT64_C(1) << i % 64;
		bits++;
	}
	return bits;
}

/*
 * Store the sets of ready descriptors in user memory.  Returns the number of
 * bits set, or -EFAULT.
 */
static int
sets_result(const struct select_sets *s, const struct poll_list *l)
{
	struct poll_place place = { &l->first, 0 };
	const struct poll_entry *e = list_next(&place);
	struct set_part p;
	int bits = 0;

	for (unsigned fd = 0; fd < s->n; fd += SET_WORDS * 64) {
		part_begin(&p, s, fd);
		for (; e != NULL && (unsigned)e->fd < fd + p.words * 64;
		     e = list_next(&place))
			bits += part_result(&p, e);
		if (part_put(&p, s) != 0)
			return -EFAULT;
	}
	return bits;
}

static int64_t
do_select(const struct select_sets *s, uint64_t deadline)
{
	struct poll_list l;
	int64_t r;

	list_begin(&l);
	r = sets_open(s, &l);
	if (r == 0)
		r = poll_files(&l.first, deadline);
	if (r >= 0)
		r = sets_result(s, &l);
	list_end(&l);
	return r;
}

int64_t
sys_pselect6(int n, uaddr_t in, uaddr_t out, uaddr_t pri, uaddr_t timeout,
	     uaddr_t mask)
{
	struct select_sets s;
	uint64_t mask_arg[2] = { 0, 0 }; /* address and size */
	struct poll_wait_args w;
	int64_t r;

	if (n < 0)
		return -EINVAL;
	if (mask != 0 && copy_from_user(mask_arg, mask, sizeof(mask_arg)) != 0)
		return -EFAULT;
	r = wait_begin(&w, timeout, mask_arg[0], mask_arg[1]);
	if (r != 0)
		return r;
	s.at[SET_IN] = in;
	s.at[SET_OUT] = out;
	s.at[SET_PRI] = pri;
	/* As on Linux, skip descriptors beyond the size of the table. */
	s.n = MIN((unsigned)n, fd_size());
	r = do_select(&s, w.deadline);
	return wait_end(&w, r);
}
