/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/host.c - memory, files, commands and threads of the real
 * computer; see host.h.
 *
 * The only file of the shim that includes the C library's headers.  A file or
 * thread that cannot be had ends the program with the reason.
 */
#include "shim/host.h"

#include <fcntl.h>
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_THREADS 64

static time_t started;

__attribute__((constructor)) static void
note_start(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	started = now.tv_sec;
}

void *
host_alloc(size_t n)
{
	return malloc(n);
}

void
host_free(void *p)
{
	free(p);
}

void
host_forbid(void *at, size_t n)
{
	ASAN_POISON_MEMORY_REGION(at, n);
}

void
host_print(const char *text)
{
	fputs(text, stdout);
	fflush(stdout);
}

char host_doing[160];

static void
say_what_was_done(void)
{
	if (host_doing[0] == '\0')
		return;
	(void)!write(STDOUT_FILENO, "# ", 2);
	(void)!write(STDOUT_FILENO, host_doing, strlen(host_doing));
	(void)!write(STDOUT_FILENO, "\n", 1);
	host_doing[0] = '\0';
}

__attribute__((constructor)) static void
note_deaths(void)
{
	__sanitizer_set_death_callback(say_what_was_done);
}

void
host_abort(void)
{
	say_what_was_done();
	fflush(stdout);
	abort();
}

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(99);
}

void *
host_map_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDWR);
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) != 0)
		die(path);
	at = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		  fd, 0);
	if (at == MAP_FAILED)
		die(path);
	close(fd);
	*size = (size_t)st.st_size;
	return at;
}

void
host_unmap(void *at, size_t size)
{
	munmap(at, size);
}

void
host_make_dir(char *path)
{
	if (mkdtemp(path) == NULL)
		die(path);
}

int
host_run(const char *fmt, ...)
{
	char command[4096];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	fflush(stdout);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

unsigned long
host_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long)(now.tv_sec - started);
}

static const char *watch_why;

static void
watch_ended(int sig)
{
	(void)!write(STDOUT_FILENO, "# ", 2);
	(void)!write(STDOUT_FILENO, watch_why, strlen(watch_why));
	(void)!write(STDOUT_FILENO, "\n", 1);
	say_what_was_done();
	abort();
}

void
host_watch(unsigned seconds, const char *why)
{
	watch_why = why;
	signal(SIGALRM, watch_ended);
	alarm(seconds);
}

static pthread_mutex_t baton_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t baton_cond[MAX_THREADS];
static unsigned baton; /* [baton_lock] */

static struct start {
	unsigned id;
	void (*fn)(void *arg);
	void *arg;
} starts[MAX_THREADS];

static void
wait_for_baton(unsigned id)
{
	pthread_mutex_lock(&baton_lock);
	while (baton != id)
		pthread_cond_wait(&baton_cond[id], &baton_lock);
	pthread_mutex_unlock(&baton_lock);
}

static void
give_baton(unsigned to)
{
	pthread_mutex_lock(&baton_lock);
	baton = to;
	pthread_cond_signal(&baton_cond[to]);
	pthread_mutex_unlock(&baton_lock);
}

static void *
thread_main(void *arg)
{
	struct start *s = arg;

	wait_for_baton(s->id);
	s->fn(s->arg);
	return NULL;
}

void
host_thread_start(unsigned id, void (*fn)(void *arg), void *arg)
{
	pthread_t t;

	if (id >= MAX_THREADS)
		die("too many threads");
	starts[id] = (struct start){ id, fn, arg };
	pthread_cond_init(&baton_cond[id], NULL);
	if (pthread_create(&t, NULL, thread_main, &starts[id]) != 0)
		die("pthread_create");
	pthread_detach(t);
}

void
host_baton_pass(unsigned from, unsigned to)
{
	if (from == to)
		return;
	give_baton(to);
	wait_for_baton(from);
}

void
host_thread_end(unsigned to)
{
	give_baton(to);
	pthread_exit(NULL);
}
