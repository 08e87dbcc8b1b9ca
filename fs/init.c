/* SPDX-License-Identifier: MIT */
/*
 * fs/init.c - mount file systems at boot, commit metadata in the background,
 * and shut down.
 *
 * fs_init() runs once, at boot.  The root is a tmpfs with the files of the
 * initrd, if the boot loader gave one; else the disk's ext2 file system; else
 * an empty tmpfs, and starting the first program reports that it is missing.
 * When memory is short at boot, a file system may be missing, and the log
 * reports it; without any root file system, the kernel panics.  The inode
 * writer is a kernel thread that calls mount_commit_all() some seconds after
 * metadata became dirty.  fs_shutdown() and vfs_drop_caches() run in process
 * context, on request.
 */
#include "fs/init.h"

#include "drivers/block.h"
#include "drivers/uart.h"
#include "fs/initrd.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/pagecache.h"
#include "fs/pipesize.h"
#include "fs/tty.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/thread.h"

#define ROOT_DISK   "vda"
#define INODE_DELAY (5 * NSEC_PER_SEC)

/* ---- the thread that writes inodes ---- */

static struct waitq writer_queue = WAITQ_INIT(writer_queue);
static _Atomic uint32_t writer_wanted;	/* metadata became dirty */
static _Atomic uint32_t writer_hurries; /* commit without a delay */

void
inode_writer_kick(void)
{
	if (!atomic_exchange(&writer_wanted, true))
		waitq_wake_one(&writer_queue);
}

void
inode_writer_hurry(void)
{
	atomic_store(&writer_hurries, true);
	waitq_wake_one(&writer_queue);
}

/*
 * The inode writer commits INODE_DELAY after a kick, so that many changes of
 * one inode cost one write; inode_writer_hurry() ends the delay.  A failed
 * commit is tried again after the same delay.
 */
static void
inode_writer(void *arg)
{
	for (;;) {
		wait_event(&writer_queue, atomic_load(&writer_wanted) ||
						  atomic_load(&writer_hurries));
		(void)wait_event_mode(&writer_queue,
				      atomic_load(&writer_hurries), WAIT_FIRM,
				      time_now() + INODE_DELAY);
		atomic_store(&writer_wanted, false);
		atomic_store(&writer_hurries, false);
		if (!mount_commit_all())
			inode_writer_kick();
	}
}

/* ---- boot ---- */

static bool
mount_disk(void)
{
	struct block_device *dev = block_find(ROOT_DISK);
	int err;

	if (dev == NULL) {
		log_warn("fs: there is no disk %s", ROOT_DISK);
		return false;
	}
	err = mount_root(&ext2_filesystem, dev, 0);
	if (err != 0)
		log_error("fs: cannot mount %s as ext2: error %d", ROOT_DISK,
			  err);
	return err == 0;
}

static void
mount_first(void)
{
	uint64_t size = 0;
	const void *initrd = boot_initrd(&size);
	int err;

	if (initrd == NULL && mount_disk())
		return;
	if (initrd == NULL)
		log_warn("fs: using an empty tmpfs as the root file system");
	err = mount_root(&tmpfs_filesystem, NULL, 0);
	if (err != 0)
		panic("fs: cannot mount any root file system: error %d", err);
	if (initrd != NULL)
		initrd_unpack(initrd, size);
}

static void
mount_at(const char *where, uint32_t mode, const struct filesystem *fs,
	 unsigned flags, const char *data)
{
	const char *type = fs->name;
	int err = vfs_mkdir(NULL, where, mode);

	/* The directory may exist.  After any other error, the mount fails. */
	if (err != 0 && err != -EEXIST)
		log_warn("fs: cannot create directory %s: error %d", where,
			 err);
	err = vfs_mount(type, where, type, flags, data);
	if (err != 0)
		log_error("fs: cannot mount %s on %s: error %d", type, where,
			  err);
}

static void
console_init(void)
{
	static const struct console_driver driver = { .write = uart_write };
	char size[16];

	if (boot_option("winsize", size, sizeof(size)))
		tty_set_size(size);
	tty_set_output(&driver);
	uart_set_receiver(tty_receive);
}

void
fs_init(void)
{
	icache_init();
	pagecache_system_init();
	filesystem_register(&ext2_filesystem);
	filesystem_register(&tmpfs_filesystem);
	filesystem_register(&procfs_filesystem);
	filesystem_register(&devfs_filesystem);
	if (thread_spawn_kernel("inode-writer", inode_writer, NULL) != 0)
		log_error("fs: out of memory: the inode writer thread was not "
			  "started; only sync commits inodes");
	mount_first();
	pipesize_init();
	mount_at("/dev", 0755, &devfs_filesystem, 0, NULL);
	mount_at("/dev/shm", 01777, &tmpfs_filesystem, SB_NOSUID | SB_NODEV,
		 "mode=1777");
	mount_at("/proc", 0555, &procfs_filesystem,
		 SB_NOSUID | SB_NODEV | SB_NOEXEC, NULL);
	mount_at("/tmp", 01777, &tmpfs_filesystem, SB_NODEV, "mode=1777");
	console_init();
}

/* ---- on request ---- */

int
fs_shutdown(bool alone)
{
	int err = mount_quiesce(alone);

	if (err != 0)
		log_error("fs: shutdown: sync failed, or a disk stays marked "
			  "as not clean: error %d",
			  err);
	return err;
}

void
vfs_drop_caches(void)
{
	(void)vfs_sync();
	/* Evicting inodes may read metadata, so drop pages last. */
	inode_prune();
	(void)pagecache_drop_clean();
}
