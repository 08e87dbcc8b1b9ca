/* SPDX-License-Identifier: MIT */
/*
 * tests/user/pipes.c - pipes and FIFOs at their limits, and poll and select on
 * them, with masks and timeouts.
 *
 * How much of a write or read is moved when there is not enough room or data,
 * what happens when the other end closes, and when open() of a FIFO waits.
 * Linux gives the same answers.
 */
#include "meet.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { BUF = 4096, CAPACITY = 65536 };

static char data[2 * CAPACITY];

static int
readable_bytes(int fd)
{
	int n = -1;

	EXPECT_EQ(ioctl(fd, FIONREAD, &n), 0);
	return n;
}

static short
poll_now(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };
	int n = poll(&p, 1, 0);

	EXPECT_EQ(n, p.revents != 0);
	return p.revents;
}

/* A pipe that does not block, with `room` bytes left in its last page. */
static void
nearly_full(int fd[2], unsigned room)
{
	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	for (unsigned i = 0; i < CAPACITY / BUF - 1; i++)
		REQUIRE(write(fd[1], data, BUF) == BUF);
	REQUIRE(write(fd[1], data, BUF - room) == BUF - room);
	EXPECT_EQ(readable_bytes(fd[0]), CAPACITY - (int)room);
}

UTEST(atomic, "PI1 a write of PIPE_BUF is whole or not at all")
{
	int fd[2];

	nearly_full(fd, 96);
	EXPECT_ERR(write(fd[1], data, 200), EAGAIN);
	EXPECT_ERR(write(fd[1], data, BUF), EAGAIN);
	EXPECT_EQ(readable_bytes(fd[0]), CAPACITY - 96);
	EXPECT_EQ(poll_now(fd[1], POLLOUT), 0);
	EXPECT_EQ(write(fd[1], data, 96), 96);
	EXPECT_ERR(write(fd[1], data, 1), EAGAIN);
	EXPECT_EQ(read(fd[0], data, BUF), BUF);
	EXPECT_EQ(poll_now(fd[1], POLLOUT), POLLOUT);
	EXPECT_EQ(write(fd[1], data, BUF), BUF);
}

UTEST(partial, "PI2 a longer write moves what there is room for")
{
	int fd[2];

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_EQ(write(fd[1], data, sizeof(data)), CAPACITY);
	EXPECT_ERR(write(fd[1], data, sizeof(data)), EAGAIN);
	EXPECT_EQ(read(fd[0], data, 2 * BUF), 2 * BUF);
	EXPECT_EQ(write(fd[1], data, 3 * BUF), 2 * BUF);
	EXPECT_EQ(readable_bytes(fd[0]), CAPACITY);
}

/* Each writes lines of one letter, PIPE_BUF bytes each. */
static void
write_lines(int fd, char letter)
{
	char line[BUF];

	memset(line, letter, BUF);
	for (unsigned i = 0; i < 40; i++)
		EXPECT_EQ(write(fd, line, BUF), BUF);
	utest_done();
}

UTEST(lines, "PI3 two writers of PIPE_BUF do not tear each other's lines")
{
	pid_t pid[2];
	size_t lines = 0;
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	for (int i = 0; i < 2; i++) {
		pid[i] = utest_fork();
		if (pid[i] == 0) {
			close(fd[0]);
			write_lines(fd[1], (char)('a' + i));
		}
	}
	close(fd[1]);
	for (ssize_t n = 0, got; n >= 0; n = 0) {
		/* In pieces that leave room for a part of a line. */
		while (n < BUF &&
		       (got = read(fd[0], data + n,
				   (size_t)(BUF - n > 1000 ? 1000 : BUF - n))) >
			       0)
			n += got;
		if (n == 0)
			break;
		EXPECT_EQ(bytes_wrong(data, BUF, data[0]), 0);
		lines++;
	}
	EXPECT_EQ(lines, 80);
	EXPECT_CLEAN(pid[0]);
	EXPECT_CLEAN(pid[1]);
}

UTEST(ends, "PI4 reading an empty pipe, and writing one without a reader")
{
	int fd[2];

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_ERR(read(fd[0], data, 1), EAGAIN);
	EXPECT_EQ(poll_now(fd[0], POLLIN), 0);
	EXPECT_EQ(write(fd[1], "x", 1), 1);
	close(fd[1]);
	EXPECT_EQ(poll_now(fd[0], POLLIN), POLLIN | POLLHUP);
	EXPECT_EQ(read(fd[0], data, 9), 1);
	EXPECT_EQ(read(fd[0], data, 9), 0);
	EXPECT_EQ(poll_now(fd[0], POLLIN), POLLHUP);
	close(fd[0]);

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_EQ(poll_now(fd[1], POLLOUT), POLLOUT);
	close(fd[0]);
	EXPECT_EQ(poll_now(fd[1], POLLOUT), POLLOUT | POLLERR);
	EXPECT_EQ(poll_now(fd[1], 0), POLLERR);
	catch_signal(SIGPIPE, 0, 0);
	EXPECT_ERR(write(fd[1], "x", 1), EPIPE);
	EXPECT_EQ(seen.count, 1);
}

UTEST(writer_sees_end, "PI4 a blocked writer learns that the reader is gone")
{
	_Atomic int *flag = shared_new(1);
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		close(fd[0]);
		signal(SIGPIPE, SIG_IGN);
		REQUIRE(write(fd[1], data, CAPACITY) == CAPACITY);
		*flag = 1;
		EXPECT_ERR(write(fd[1], data, 1), EPIPE);
		utest_done();
	}
	await_asleep(pid, flag, 1);
	close(fd[0]);
	EXPECT_CLEAN(pid);
}

UTEST(capacity, "PI5 F_SETPIPE_SZ: more, less, and not less than is in it")
{
	int fd[2];

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_EQ(fcntl(fd[0], F_GETPIPE_SZ), CAPACITY);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 2 * CAPACITY), 2 * CAPACITY);
	EXPECT_EQ(write(fd[1], data, sizeof(data)), 2 * CAPACITY);
	EXPECT_ERR(fcntl(fd[1], F_SETPIPE_SZ, CAPACITY), EBUSY);
	EXPECT_EQ(read(fd[0], data, sizeof(data) - 1), sizeof(data) - 1);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, BUF), BUF);
	EXPECT_EQ(read(fd[0], data, 9), 1);
}

/* writev or readv of n bytes of data followed by memory that is not mapped. */
static long
with_bad(int fd, size_t n, size_t more, bool write_it)
{
	void *bad =
		mmap(NULL, PG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec v[] = { { data, n }, { bad, more } };
	long got = write_it ? writev(fd, v, 2) : readv(fd, v, 2);
	int err = errno;

	REQUIRE(munmap(bad, PG) == 0);
	errno = err;
	return got;
}

UTEST(bad_write, "PI11 a write moves no part of what it cannot read whole")
{
	int fd[2];

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_ERR(with_bad(fd[1], 10, 10, true), EFAULT);
	EXPECT_EQ(readable_bytes(fd[0]), 0);
	/* The same at the end of a page of the pipe. */
	EXPECT_EQ(write(fd[1], data, 3000), 3000);
	EXPECT_ERR(with_bad(fd[1], 2000, 6, true), EFAULT);
	EXPECT_ERR(with_bad(fd[1], BUF - 1, 1, true), EFAULT);
	EXPECT_EQ(readable_bytes(fd[0]), 3000);
	EXPECT_EQ(read(fd[0], data, BUF), 3000);
	/* Whole pages before the bad memory are moved. */
	EXPECT_EQ(with_bad(fd[1], 2 * BUF, 10, true), 2 * BUF);
	EXPECT_EQ(readable_bytes(fd[0]), 2 * BUF);
	EXPECT_EQ(with_bad(fd[1], BUF + 100, BUF, true), BUF);
	EXPECT_EQ(readable_bytes(fd[0]), 3 * BUF);
}

UTEST(bad_read, "PI12 a read that has no room for it all leaves it there")
{
	int fd[2];

	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	EXPECT_EQ(write(fd[1], "0123456789abcdefghij", 20), 20);
	EXPECT_ERR(with_bad(fd[0], 10, 10, false), EFAULT);
	EXPECT_EQ(readable_bytes(fd[0]), 20);
	EXPECT_EQ(with_bad(fd[0], 10, 0, false), 10);
	EXPECT_EQ(read(fd[0], data, BUF), 10);
	EXPECT_EQ(memcmp(data, "abcdefghij", 10), 0);
	EXPECT_EQ(write(fd[1], data, 2 * BUF), 2 * BUF);
	EXPECT_EQ(with_bad(fd[0], BUF, 10, false), BUF);
	EXPECT_EQ(readable_bytes(fd[0]), BUF);
}

/* ---- FIFOs ---- */

static char fifo[200];

static void
make_fifo(void)
{
	snprintf(fifo, sizeof(fifo), "%s/fifo", utest_dir);
	unlink(fifo);
	REQUIRE(mkfifo(fifo, 0600) == 0);
}

/* A child that opens the FIFO, which blocks; it exits clean if it may go on. */
static pid_t
opener(int how)
{
	_Atomic int *flag = shared_new(1);
	pid_t pid = utest_fork();

	if (pid == 0) {
		*flag = 1;
		EXPECT(open(fifo, how) >= 0);
		utest_done();
	}
	await_asleep(pid, flag, 1);
	return pid;
}

UTEST(fifo_open, "PI6 open of a FIFO waits for the other end")
{
	int fd, other;
	pid_t pid;

	make_fifo();
	pid = opener(O_RDONLY);
	fd = open(fifo, O_WRONLY);
	EXPECT(fd >= 0);
	EXPECT_CLEAN(pid);
	close(fd);
	pid = opener(O_WRONLY);
	fd = open(fifo, O_RDONLY);
	EXPECT(fd >= 0);
	EXPECT_CLEAN(pid);
	close(fd);
	/* The other end is already closed when the opener looks for it. */
	pid = opener(O_RDONLY);
	close(open(fifo, O_WRONLY));
	EXPECT_CLEAN(pid);
	pid = opener(O_WRONLY);
	close(open(fifo, O_RDONLY));
	EXPECT_CLEAN(pid);

	EXPECT_ERR(open(fifo, O_WRONLY | O_NONBLOCK), ENXIO);
	fd = open(fifo, O_RDONLY | O_NONBLOCK);
	EXPECT(fd >= 0);
	EXPECT_EQ(read(fd, data, 1), 0);
	EXPECT_EQ(poll_now(fd, POLLIN), 0); /* no writer has opened it yet */
	other = open(fifo, O_WRONLY | O_NONBLOCK);
	EXPECT(other >= 0);
	EXPECT_ERR(read(fd, data, 1), EAGAIN);
	close(other);
	EXPECT_EQ(poll_now(fd, POLLIN), POLLHUP);
	close(fd);
	/* An open for both ends at once does not wait. */
	fd = open(fifo, O_RDWR);
	EXPECT(fd >= 0);
	EXPECT_EQ(write(fd, "ab", 2), 2);
	EXPECT_EQ(read(fd, data, 9), 2);
	unlink(fifo);
}

/* ---- poll ---- */

UTEST(poll_fds, "PI7 poll: a negative number is left out, a closed one is told")
{
	struct pollfd p[3];
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	memset(p, 0x55, sizeof(p));
	p[0] = (struct pollfd){ -1, POLLIN, 0x55 };
	p[1] = (struct pollfd){ 999, POLLIN, 0x55 };
	p[2] = (struct pollfd){ fd[1], POLLIN | POLLOUT, 0x55 };
	EXPECT_EQ(poll(p, 3, -1), 2);
	EXPECT_EQ(p[0].revents, 0);
	EXPECT_EQ(p[1].revents, POLLNVAL);
	EXPECT_EQ(p[2].revents, POLLOUT);
	p[2].fd = fd[0];
	EXPECT_EQ(poll(&p[2], 1, 0), 0);
	EXPECT_EQ(p[2].revents, 0);
}

/* Signals the parent once it is asleep. */
static pid_t
signaller(int sig)
{
	pid_t me = getpid(), pid = utest_fork();

	if (pid == 0) {
		await_state(me, 'S');
		kill(me, sig);
		utest_done();
	}
	return pid;
}

/* One of the two calls, with a mask that lets USR1 in. */
static long
masked_call(bool select_it, int fd, const struct timespec *t)
{
	sigset_t set = set_of(SIGUSR2, 0);
	struct pollfd p = { fd, POLLIN, 0 };
	fd_set in;

	if (!select_it)
		return ppoll(&p, 1, t, &set);
	FD_ZERO(&in);
	FD_SET(fd, &in);
	return pselect(fd + 1, &in, NULL, NULL, t, &set);
}

UTEST(masks, "PI8 ppoll and pselect let a signal in for the call only")
{
	const struct timespec none = { 0, 0 };
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	for (int i = 0; i < 2; i++) {
		seen.count = 0;
		catch_signal(SIGUSR1, SA_RESTART, 0);
		mask_change(SIG_SETMASK, SIGUSR1, 0);
		pid = signaller(SIGUSR1);
		EXPECT_ERR(masked_call(i == 1, fd[0], NULL), EINTR);
		EXPECT_EQ(seen.count, 1);
		EXPECT(sigismember(&seen.mask, SIGUSR2));
		EXPECT(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
		EXPECT_CLEAN(pid);
		/*
		 * A call that ends without a signal restores the old mask, too.
		 */
		EXPECT_EQ(masked_call(i == 1, fd[0], &none), 0);
		EXPECT(is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
	}
}

static void
set_of_fds(fd_set *set, int a, int b)
{
	FD_ZERO(set);
	FD_SET(a, set);
	FD_SET(b, set);
}

UTEST(select_sets, "PI9 select: which sets, how many bits, and closed numbers")
{
	struct timeval none = { 0, 0 };
	fd_set in, out, pri;
	int fd[2], both;

	make_fifo();
	both = open(fifo, O_RDWR);
	REQUIRE(both >= 0 && pipe(fd) == 0);
	EXPECT_EQ(write(both, "x", 1), 1);
	set_of_fds(&in, both, fd[0]);
	set_of_fds(&out, both, fd[0]);
	set_of_fds(&pri, both, fd[0]);
	EXPECT_EQ(select(fd[1] + 1, &in, &out, &pri, &none), 2);
	EXPECT(FD_ISSET(both, &in) && FD_ISSET(both, &out));
	EXPECT(!FD_ISSET(fd[0], &in) && !FD_ISSET(fd[0], &out));
	EXPECT(!FD_ISSET(both, &pri) && !FD_ISSET(fd[0], &pri));
	/* An end of file can be read, a broken pipe written. */
	close(fd[1]);
	set_of_fds(&in, fd[0], fd[0]);
	EXPECT_EQ(select(fd[0] + 1, &in, NULL, NULL, &none), 1);
	close(fd[0]);
	REQUIRE(pipe(fd) == 0);
	REQUIRE(write(fd[1], data, CAPACITY) == CAPACITY);
	set_of_fds(&out, fd[1], fd[1]);
	EXPECT_EQ(select(fd[1] + 1, NULL, &out, NULL, &none), 0);
	close(fd[0]);
	set_of_fds(&out, fd[1], fd[1]);
	EXPECT_EQ(select(fd[1] + 1, NULL, &out, NULL, &none), 1);
	set_of_fds(&in, fd[0], fd[1]);
	EXPECT_ERR(select(fd[1] + 1, &in, NULL, NULL, &none), EBADF);
	/* Only numbers below the first argument count. */
	set_of_fds(&in, both, fd[0]);
	EXPECT_EQ(select(both + 1, &in, NULL, NULL, &none), 1);
	unlink(fifo);
}

UTEST(time_left, "PI10 select and ppoll, the calls, tell the time that is left")
{
	struct timespec t = { 1000, 0 };
	struct pollfd p;
	fd_set out;
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	FD_ZERO(&out);
	FD_SET(fd[1], &out);
	EXPECT_EQ(syscall(SYS_pselect6, fd[1] + 1, NULL, &out, NULL, &t, NULL),
		  1);
	EXPECT(t.tv_sec > 500 && t.tv_sec < 1000);
	t = (struct timespec){ 1000, 0 };
	p = (struct pollfd){ fd[1], POLLOUT, 0 };
	EXPECT_EQ(syscall(SYS_ppoll, &p, 1, &t, NULL, 8), 1);
	EXPECT(t.tv_sec > 500 && t.tv_sec < 1000);
	t = (struct timespec){ 0, 1000 };
	p.fd = fd[0];
	EXPECT_EQ(syscall(SYS_ppoll, &p, 1, &t, NULL, 8), 0);
	EXPECT(t.tv_sec == 0 && t.tv_nsec == 0);
}
