/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/fsrig.c - a whole VFS in a host build; see fsrig.h.
 *
 * The first part stands for the rooms that are missing: the caller's context,
 * its limits, commit, signals.  The second mounts, checks and replaces the
 * disk.
 */
#include "shim/fsrig.h"

#include "fs/blockcache.h"
#include "fs/current.h"
#include "fs/fd.h"
#include "fs/init.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/pipe.h"
#include "fs/special.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/random.h"
#include "kernel/thread.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "shim/host.h"

struct shim_disk *rig_disk;
char rig_dir[64] = "/tmp/tine-fs-XXXXXX";
uint64_t rig_fsize_limit = UINT64_MAX;

static struct fs_context *context;

/* ---- what the rooms that are missing would provide ---- */

const struct file_ops fifo_file_ops, tty_file_ops, tty_console_file_ops,
	tty_current_file_ops;

struct fs_context *
current_fs(void)
{
	return context;
}

struct fdtable *
current_fdtable(void)
{
	return NULL;
}

uint64_t
current_nofile_limit(void)
{
	return 1024;
}

uint64_t
current_fsize_limit(void)
{
	return rig_fsize_limit;
}

bool
current_in_group(uint32_t gid)
{
	return thread_current()->cred.fsgid == gid;
}

void
current_signal(int sig)
{
}

pid_t
current_pid(void)
{
	return 1;
}

int
commit_charge(uint64_t pages)
{
	return 0;
}

void
commit_release(uint64_t pages)
{
}

size_t
log_read(uint64_t pos, char *buf, size_t n, uint64_t *next)
{
	*next = pos;
	return 0;
}

void
random_bytes(void *to, size_t n)
{
	memset(to, 4, n);
}

void
random_add(const void *bytes, size_t n)
{
}

void
inode_writer_kick(void)
{
}

void
inode_writer_hurry(void)
{
}

/* ---- the rig ---- */

bool
rig_init(unsigned ram_pages, uint64_t seed)
{
	char path[128];

	shim_init(ram_pages, seed);
	if (host_run("command -v mke2fs e2fsck debugfs >/dev/null") != 0)
		return false;
	host_make_dir(rig_dir);
	snprintf(path, sizeof(path), "%s/disk", rig_dir);
	if (host_run("truncate -s %u %s", RIG_DISK_SIZE, path) != 0)
		panic("cannot make %s", path);
	rig_disk = shim_disk_open(path, "vda");
	block_register(&rig_disk->dev);
	icache_init();
	pagecache_system_init();
	filesystem_register(&ext2_filesystem);
	filesystem_register(&tmpfs_filesystem);
	if (mount_root(&tmpfs_filesystem, NULL, 0) != 0)
		panic("no root");
	context = fs_context_create();
	if (context == NULL || vfs_mkdir(NULL, "/m", 0755) != 0 ||
	    vfs_mknod(NULL, "/vda", S_IFBLK | 0600, DEV_MAKE(MAJOR_DISK, 0)) !=
		    0)
		panic("cannot prepare the root");
	shim_settle();
	return true;
}

void
rig_end(void)
{
	host_run("rm -rf %s", rig_dir);
}

/* Forget what the cache holds of the disk, written or not. */
static void
forget_disk(void)
{
	struct pagecache *pc = block_cache(&rig_disk->dev);
	uint64_t size = pagecache_size(pc);

	pagecache_destroy(pc);
	pc->size = size;
}

void
rig_mkfs(const char *args, unsigned kib)
{
	forget_disk();
	memset(rig_disk->bytes, 0, rig_disk->size);
	if (host_run(
		    "E2FSPROGS_FAKE_TIME=1600000000 mke2fs -q -F -b 4096 "
		    "-U 01234567-89ab-cdef-0123-456789abcdef "
		    "-O none,filetype,sparse_super,large_file "
		    "-E lazy_itable_init=0,nodiscard,root_owner=0:0 %s %s/disk %uk >/dev/null 2>&1",
		    args, rig_dir, kib) != 0)
		panic("mke2fs %s %u failed", args, kib);
}

void
rig_load(const void *image, size_t size)
{
	forget_disk();
	memcpy(rig_disk->bytes, image, size);
}

int
rig_mount(unsigned flags)
{
	return vfs_mount("/vda", "/m", "ext2", flags, NULL);
}

int
rig_unmount(void)
{
	int err = vfs_umount("/m", true);

	shim_settle();
	return err;
}

int
rig_fsck_quiet(void)
{
	/* There are damaged disks that e2fsck never ends on. */
	return host_run("timeout -k 1 10 e2fsck -fn %s/disk >%s/fsck 2>&1",
			rig_dir, rig_dir);
}

int
rig_fsck(void)
{
	int status = rig_fsck_quiet();

	if (status != 0)
		host_run("sed 's/^/# e2fsck: /' %s/fsck", rig_dir);
	return status;
}

bool
rig_repair(void)
{
	/* Not asking the disk's cache: nothing of it may be in use. */
	int status = host_run("timeout -k 1 10 e2fsck -fy %s/disk >%s/repair "
			      "2>&1",
			      rig_dir, rig_dir);

	forget_disk();
	return status <= 2;
}

void
rig_drop_caches(void)
{
	(void)vfs_sync();
	inode_prune();
	(void)pagecache_drop_clean();
}
