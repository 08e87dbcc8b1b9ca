/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_name.c - calls on names in a folder (NAME in
 * matrix.def); see matrix.h.
 *
 * matrix_names() gives the folder d each mode, sticky ones too, and several
 * owners, and lets every identity make, rename or remove names in d and e.
 */
#include "matrix.h"

#include <sys/syscall.h>
#include <sys/sysmacros.h>

static long
rename_with(const char *from, const char *to, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static long
make(const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags, mode);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

#define NAME(name, how, call)                  \
	static long name_##name(struct job *j) \
	{                                      \
		return RESULT(call);           \
	}
#include "matrix.def"
#undef NAME
#define NAME(name, how, call) { #name, how, name_##name },
static const struct {
	const char *name;
	unsigned how;
	long (*run)(struct job *j);
} name_calls[] = {
#include "matrix.def"
};
#undef NAME

/* The folder d, and the files in d and e. */
struct scene {
	mode_t mode;
	uid_t dir_uid;
	gid_t dir_gid;
	uid_t uid; /* of the file */
	unsigned kind;
	mode_t kind_mode;
};

static const char *const names[] = { "d/t", "d/s", "d/n", "e/o", "e/n" };

static void
scene_make(const struct scene *s)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		clear(names[i]);
	put("d/t", s->kind);
	give("d/t", s->uid, FILE_GID, s->kind_mode);
	put("d/s", s->kind);
	give("d/s", 1004, 2004, 0666);
	put("e/o", s->kind);
	give("e/o", OWNER_UID, FILE_GID, 0777);
	give("d", s->dir_uid, s->dir_gid, s->mode);
}

static void
name_line(const char *title, unsigned index, const struct scene *s)
{
	struct look was[ARRAY_LEN(names)];
	bool made = false;

	line_begin("%s %s %s %04o of %u in %04o of %u", title,
		   name_calls[index].name, s->kind == K_DIR ? "dir" : "file",
		   s->kind_mode, s->uid, s->mode, s->dir_uid);
	for (int who = 0; who < IDENTITIES; who++) {
		if (!made) {
			scene_make(s);
			for (size_t i = 0; i < ARRAY_LEN(names); i++)
				was[i] = look(names[i]);
		}
		call_as(who, name_calls[index].run);
		made = true;
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			made &= !tell_change(names[i], &was[i], false);
		line_answer();
	}
	line_end();
}

static void
name_lines(const char *title, const struct scene *s)
{
	/* Making a name does not depend on the files that are there. */
	bool all = s->kind == K_REG && !(s->mode & S_ISVTX);

	for (unsigned i = 0; i < ARRAY_LEN(name_calls); i++) {
		if (all || (name_calls[i].how & MOVES))
			name_line(title, i, s);
	}
}

void
matrix_names(const char *title, bool few)
{
	static const mode_t plain[] = { 0777, 0755,  0300, 0200, 0100,
					0030, 0020,  0010, 0003, 0002,
					0001, 02777, 02775 };
	static const mode_t sticky[] = { 01777, 01770, 03777 };
	static const uid_t owners[] = { 0, OWNER_UID, 1004 };
	struct scene s;

	must(mkdir("d", 0777) == 0 && mkdir("e", 0777) == 0, "mkdir");
	for (unsigned k = 0; k < 3; k++) {
		s.kind = k == 0 ? K_REG : K_DIR;
		s.kind_mode = k == 2 ? 0555 : 0777;
		s.dir_uid = OWNER_UID;
		s.dir_gid = FILE_GID;
		for (size_t i = few ? 8 : 0; i < ARRAY_LEN(plain); i++) {
			s.mode = plain[i];
			s.uid = 1004;
			name_lines(title, &s);
		}
		for (size_t i = 0; i < ARRAY_LEN(sticky) * 6; i++) {
			s.mode = sticky[i / 6];
			s.dir_uid = i % 6 < 3 ? 0 : OWNER_UID;
			s.uid = owners[i % 3];
			name_lines(title, &s);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		clear(names[i]);
	clear("d");
	clear("e");
}
