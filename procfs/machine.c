/* SPDX-License-Identifier: MIT */
/*
 * procfs/machine.c - the files of /proc about the machine and the file systems.
 *
 * Each function runs in process context and prints data that other rooms
 * provide.  When memory is short, the reader gets -ENOMEM.
 */
#include "drivers/block.h"
#include "fs/mount.h"
#include "fs/pipesize.h"
#include "fs/special.h"
#include "kernel/boot.h"
#include "kernel/hart.h"
#include "kernel/hostname.h"
#include "kernel/log.h"
#include "kernel/version.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "procfs/show.h"

#define LOG_PART 1024u

/* ---- file systems and disks ---- */

/* Print a path, with blanks (which separate fields) and "\" in octal. */
static void
print_field(struct textbuf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\\')
			tb_printf(out, "\\0%u%u", (unsigned)*s >> 3 & 7,
				  (unsigned)*s & 7);
		else
			tb_append(out, s, 1);
	}
}

static bool
print_mount(struct superblock *sb, void *arg)
{
	struct textbuf *out = arg;
	unsigned flags = sb->flags;

	print_field(out, sb->source);
	tb_printf(out, " ");
	print_field(out, sb->where);
	tb_printf(out, " %s %s%s%s%s 0 0\n", sb->type->name,
		  flags & SB_RDONLY ? "ro" : "rw",
		  flags & SB_NOSUID ? ",nosuid" : "",
		  flags & SB_NODEV ? ",nodev" : "",
		  flags & SB_NOEXEC ? ",noexec" : "");
	return out->error == 0;
}

/* There are no mount namespaces: every process sees the same mounts. */
int
show_mounts(struct textbuf *out, const struct proc_node *node)
{
	vfs_for_each_mount(print_mount, out);
	return 0;
}

int
show_filesystems(struct textbuf *out, const struct proc_node *node)
{
	const struct filesystem *fs;

	for (unsigned i = 0; (fs = filesystem_at(i)) != NULL; i++)
		tb_printf(out, "%s\t%s\n", fs->needs_device ? "" : "nodev",
			  fs->name);
	return 0;
}

int
show_partitions(struct textbuf *out, const struct proc_node *node)
{
	struct block_device *d;

	tb_printf(out, "major minor  #blocks  name\n\n");
	for (unsigned i = 0; (d = block_at(i)) != NULL; i++)
		tb_printf(out, "%4u %7u %10lu %s\n", MAJOR_DISK,
			  i * DISK_MINORS, d->sectors * SECTOR_SIZE / 1024,
			  d->name);
	return 0;
}

/* ---- the machine ---- */

int
show_version(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "Tine version %s\n", tine_version);
	return 0;
}

int
show_cpuinfo(struct textbuf *out, const struct proc_node *node)
{
	for (unsigned i = 0; i < hart_count; i++) {
		if (!harts[i].online)
			continue;
		tb_printf(out,
			  "processor\t: %u\nhart\t\t: %lu\n"
			  "isa\t\t: rv64imafdc\nmmu\t\t: sv39\n\n",
			  i, harts[i].id);
	}
	return 0;
}

int
show_boot_options(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%s\n", boot_command_line());
	return 0;
}

int
show_kmsg(struct textbuf *out, const struct proc_node *node)
{
	char *part = kmalloc(LOG_PART);
	uint64_t pos = 0;
	size_t n;

	if (part == NULL)
		return -ENOMEM;
	while ((n = log_read(pos, part, LOG_PART, &pos)) > 0 && out->error == 0)
		tb_append(out, part, n);
	kfree(part);
	return 0;
}

/* Print the constant text at entry->arg. */
int
show_text(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%s\n", (const char *)node->entry->arg);
	return 0;
}

int
show_mmap_min(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%u\n", (unsigned)USER_MIN);
	return 0;
}

int
show_overcommit(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%u\n", (unsigned)commit_policy());
	return 0;
}

int
write_overcommit(const char *data, size_t n, const struct proc_node *node)
{
	uint64_t number;

	if (!proc_parse_number(data, n, &number))
		return -EINVAL;
	return commit_set_policy(number) ? 0 : -EINVAL;
}

/* ---- the host name ---- */

int
show_hostname(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%s\n", system_hostname());
	return 0;
}

int
write_hostname(const char *data, size_t n, const struct proc_node *node)
{
	n = strnlen(data, n);
	while (n > 0 && data[n - 1] == '\n')
		n--;
	if (n > HOSTNAME_MAX)
		return -EINVAL;
	system_set_hostname(data, n);
	return 0;
}

/* ---- the limits of pipes ---- */

/* Set pipe_max_size, rounded up to a power of two pages as by F_SETPIPE_SZ. */
int
write_max_size(const char *data, size_t n, const struct proc_node *node)
{
	uint64_t bytes, size = PAGE_SIZE;

	if (!proc_parse_number(data, n, &bytes) || bytes > UINT64_C(1) << 31)
		return -EINVAL;
	while (size < bytes)
		size *= 2;
	pipe_max_size = size;
	return 0;
}
