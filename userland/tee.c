/* SPDX-License-Identifier: MIT */
/*
 * tee - copy standard input to standard output and to files.
 *
 * An output that fails is complained about and left out; the others go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/ulib.h"

struct output {
	const char *name;
	int fd; /* -1: has failed */
};

static void
copy_to_all(struct output *outputs, size_t count)
{
	char buffer[4096];
	ssize_t got;

	while ((got = read(STDIN_FILENO, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("standard input");
		for (size_t i = 0; i < count; i++) {
			struct output *out = &outputs[i];

			if (out->fd >= 0 &&
			    write_all(out->fd, buffer, (size_t)got) != 0) {
				complain(out->name);
				out->fd = -1;
			}
		}
	}
}

int
main(int argc, char **argv)
{
	struct output *outputs;
	int mode = O_TRUNC;
	size_t count = 0;

	prog_init(argv, "[-a] [FILE...]\n"
			"  -a  append to the files instead of truncating them");
	while (prog_option(argc, argv, "a") != -1)
		mode = O_APPEND;
	outputs = must_alloc((size_t)(argc - optind + 1) * sizeof(*outputs));
	outputs[count++] = (struct output){ "standard output", STDOUT_FILENO };
	for (; optind < argc; optind++) {
		int flags = O_WRONLY | O_CREAT | O_CLOEXEC | mode;
		int fd = open(argv[optind], flags, 0666);

		if (fd < 0)
			complain(argv[optind]);
		outputs[count++] = (struct output){ argv[optind], fd };
	}
	copy_to_all(outputs, count);
	free(outputs);
	return prog_end();
}
