/* SPDX-License-Identifier: MIT */
/*
 * tests/user/mounts.c - mounting, remounting and unmounting while other
 * processes change the files (X39, X40); device numbers of mounts (X41).
 *
 * Linux gives the same answers: the program is also built for this computer and
 * run there, as root.
 */
#include "utest.h"

#include <sys/mount.h>
#include <sys/sysmacros.h>

/* What the processes of a test tell each other. */
struct shared {
	_Atomic unsigned generation; /* odd: the file system is read-only */
	_Atomic unsigned changes;
	_Atomic unsigned wrong;
};

/* Change files in `dir` until killed; count the changes, and the wrong ones. */
static void
change_files(struct shared *s, const char *dir)
{
	unsigned before;
	int fd, size = 0;
	bool changed;

	REQUIRE(chdir(dir) == 0);
	for (;;) {
		fd = open("file", O_WRONLY | O_CREAT, 0644);
		for (int i = 0; fd >= 0 && i < 20; i++) {
			before = s->generation;
			changed = ftruncate(fd, ++size % 3000) == 0;
			s->changes += changed;
			if (changed && before % 2 == 1 &&
			    s->generation == before)
				s->wrong++;
		}
		if (fd >= 0)
			close(fd);
	}
}

UTEST(read_only, "X39 no file changes once a remount has made it read-only")
{
	struct shared *s = shared_new(1);
	pid_t pids[2];
	unsigned done = 0;

	mkdir("/tmp/x39", 0755);
	REQUIRE(mount("none", "/tmp/x39", "tmpfs", 0, NULL) == 0);
	for (int i = 0; i < 2; i++) {
		pids[i] = utest_fork();
		if (pids[i] == 0)
			change_files(s, "/tmp/x39");
	}
	for (unsigned i = 0; i < utest_rounds(20000); i++) {
		if (mount("none", "/tmp/x39", "tmpfs", MS_REMOUNT | MS_RDONLY,
			  NULL) != 0) {
			EXPECT_EQ(errno, EBUSY);
			continue;
		}
		done++;
		s->generation++;
		usleep(50);
		s->generation++;
		REQUIRE(mount("none", "/tmp/x39", "tmpfs", MS_REMOUNT, NULL) ==
			0);
	}
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(kill(pids[i], SIGKILL), 0);
		EXPECT_KILLED(pids[i], SIGKILL);
	}
	EXPECT_EQ(s->wrong, 0);
	utest_note("%u read-only remounts, %u changes", done, s->changes);
	EXPECT_EQ(umount("/tmp/x39"), 0);
	EXPECT_EQ(rmdir("/tmp/x39"), 0);
}

UTEST(removed, "X40 nothing is mounted on a directory that is removed")
{
	pid_t pid;
	unsigned mounted = 0;
	struct stat st;

	mkdir("/tmp/x40", 0755);
	pid = utest_fork();
	while (pid == 0) {
		mkdir("/tmp/x40/dir", 0755);
		rmdir("/tmp/x40/dir");
	}
	for (unsigned i = 0; i < utest_rounds(20000); i++) {
		if (mount("none", "/tmp/x40/dir", "tmpfs", 0, NULL) != 0) {
			EXPECT_EQ(errno, ENOENT);
			continue;
		}
		mounted++;
		/* A mount point stays, and so does the way to it. */
		REQUIRE(stat("/tmp/x40/dir", &st) == 0);
		REQUIRE(umount("/tmp/x40/dir") == 0);
	}
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_KILLED(pid, SIGKILL);
	utest_note("mounted %u times", mounted);
	rmdir("/tmp/x40/dir");
	EXPECT_EQ(rmdir("/tmp/x40"), 0);
}

UTEST(anonymous, "X41 a file system without a device has major number 0")
{
	unsigned wrong = 0;
	struct stat st, above;

	mkdir("/tmp/x41", 0755);
	REQUIRE(stat("/tmp", &above) == 0);
	for (unsigned i = 0; i < 300; i++) {
		REQUIRE(mount("none", "/tmp/x41", "tmpfs", 0, NULL) == 0);
		REQUIRE(stat("/tmp/x41", &st) == 0);
		wrong += major(st.st_dev) != 0 || minor(st.st_dev) == 0 ||
			 st.st_dev == above.st_dev;
		REQUIRE(umount("/tmp/x41") == 0);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(rmdir("/tmp/x41"), 0);
}
