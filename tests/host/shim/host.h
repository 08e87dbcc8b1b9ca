/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/host.h - what the shim needs of the real computer.
 *
 * None of the C library's headers is included here: they clash with the
 * kernel's.
 */
#ifndef TESTS_HOST_SHIM_HOST_H
#define TESTS_HOST_SHIM_HOST_H

#include <stddef.h>

void *host_alloc(size_t n);
void host_free(void *p);
/* Memory that must not be touched, if the address sanitizer is there. */
void host_forbid(void *at, size_t n);
void host_print(const char *text);
_Noreturn void host_abort(void);

/* The file's bytes, shared with it; its size.  Ends the program on failure. */
void *host_map_file(const char *path, size_t *size);
void host_unmap(void *at, size_t size);

/* A new directory; replaces the XXXXXX at the end of the name. */
void host_make_dir(char *path);

/* A command of the shell; its exit status. */
int host_run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* What to print when the program dies, for whatever reason: how to repeat. */
extern char host_doing[160];

/* Seconds since the program began. */
unsigned long host_seconds(void);
/* End the program, saying so, unless called again within so many seconds. */
void host_watch(unsigned seconds, const char *why);

/*
 * Host threads of which exactly one runs: the one that holds the baton.
 * Thread 0 is the program itself.
 */
void host_thread_start(unsigned id, void (*fn)(void *arg), void *arg);
void host_baton_pass(unsigned from, unsigned to);
_Noreturn void host_thread_end(unsigned to);

#endif
