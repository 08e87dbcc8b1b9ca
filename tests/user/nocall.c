/* SPDX-License-Identifier: MIT */
/*
 * tests/user/nocall.c - makes system calls that do not exist, for boot_test.py.
 *
 *	nocall WORD...
 *
 * A number is a call, which must answer ENOSYS.  After "fork" a child goes on
 * with the words behind it, after "exec" the program itself, executed anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child; the parent ends with the child's status. */
static void
go_on_in_child(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		return;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(1);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "fork") == 0) {
			go_on_in_child();
		} else if (strcmp(argv[i], "exec") == 0) {
			argv[i] = argv[0];
			execv("/test/nocall", argv + i);
			return 1;
		} else if (syscall(atol(argv[i]), 0, 0, 0, 0, 0, 0) != -1 ||
			   errno != ENOSYS) {
			printf("call %s exists\n", argv[i]);
			return 1;
		}
	}
	return 0;
}
