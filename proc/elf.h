/* SPDX-License-Identifier: MIT */
/*
 * proc/elf.h - checking ELF programs, and mapping them for execve(2).
 *
 * elf_parse() comes first, for the program and for its dynamic linker;
 * elf_map() then maps each of them into the new space.  Process context, no
 * spin lock; both may sleep.
 */
#ifndef PROC_ELF_H
#define PROC_ELF_H

#include "lib/base.h"

struct file;
struct space;

#define ELF_SEGMENTS 16	  /* PT_LOADs accepted */
#define ELF_HEADERS  1170 /* program headers accepted: 64 KiB, as Linux */
#define ELF_HEAD     512  /* bytes of a file that exec reads first */

struct elf_segment {
	uaddr_t start; /* p_vaddr */
	uint64_t memsz, filesz, offset;
	unsigned flags; /* VM_* */
};

/* A program file that elf_parse() has accepted. */
struct elf_image {
	struct file *file; /* with a reference */
	bool movable;	   /* ET_DYN */
	unsigned count;
	struct elf_segment segment[ELF_SEGMENTS]; /* ascending */
	uaddr_t low, high; /* page-aligned ends of all segments */
	uaddr_t entry;
	uaddr_t headers; /* user address of the program headers, or 0 */
	unsigned header_count;
	uint64_t interp_offset, interp_size; /* of PT_INTERP's text, or 0 */
};

/*
 * Parse and check a file by its first n bytes, at `head`, and describe it in
 * *img.  The caller has set img->file.  0; -ENOEXEC, -ENOMEM, -EIO.
 */
int
elf_parse(struct elf_image *img, const void *head, size_t n) must_check nonnull;

/*
 * Map the image into a space that no thread runs yet, `bias` bytes above the
 * addresses in its headers.  0; -ENOMEM; -ENOEXEC if the image does not fit.
 */
int elf_map(const struct elf_image *img, struct space *s,
	    uint64_t bias) must_check nonnull;

#endif
