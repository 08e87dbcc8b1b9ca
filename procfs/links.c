/* SPDX-License-Identifier: MIT */
/*
 * procfs/links.c - the links in every /proc/<pid>: exe, cwd, root and fd/.
 *
 * Each function checks under proc_lock whether the thread may inspect the
 * process, takes a reference there, and drops the reference or passes it to its
 * caller.  Process context, may sleep.  -ENOENT if the process or the link no
 * longer exists, -EACCES if the thread may not inspect the process.
 */
#include "fs/fd.h"
#include "procfs/procfs.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "procfs/files.h"

/*
 * Find a process that the thread may inspect; else NULL, with the reason in
 * *err: -EACCES or -ENOENT.
 */
static struct process *
reach(pid_t pid, int *err)
{
	struct process *p = process_lookup(pid);

	requires_lock(&proc_lock);
	*err = p == NULL ? -ENOENT : process_may_reach(p, true) ? 0 : -EACCES;
	return *err == 0 ? p : NULL;
}

/* The program's file, with a reference. */
static int
get_exe(pid_t pid, struct file **out)
{
	struct process *p;
	int err;

	spin_lock(&proc_lock);
	p = reach(pid, &err);
	if (p != NULL && p->exe != NULL)
		*out = file_get(p->exe);
	else if (p != NULL)
		err = -ENOENT;
	spin_unlock(&proc_lock);
	return err;
}

/*
 * The working or the root directory, as get() returns it.  Takes no reference
 * on the context, since rights_find() detects sharing by their number.
 */
static int
get_dir(pid_t pid, struct inode *(*get)(struct fs_context *c),
	struct inode **out)
{
	struct process *p;
	int err;

	spin_lock(&proc_lock);
	p = reach(pid, &err);
	if (p != NULL && p->fs != NULL)
		*out = get(p->fs);
	else if (p != NULL)
		err = -ENOENT;
	spin_unlock(&proc_lock);
	return err;
}

/*
 * The file table, with a reference.  Without `inside` only the numbers of
 * descriptors are shown: the mode of the directory is the only check.
 */
static int
get_files(pid_t pid, bool inside, struct fdtable **out)
{
	struct process *p;
	int err = -ENOENT;

	spin_lock(&proc_lock);
	p = inside ? reach(pid, &err) : process_lookup(pid);
	if (p != NULL && p->files != NULL) {
		*out = fdtable_get(p->files);
		err = 0;
	} else if (p != NULL) {
		err = -ENOENT;
	}
	spin_unlock(&proc_lock);
	return err;
}

/* The open file n of a process, with a reference. */
static int
get_file(pid_t pid, int n, struct file **out)
{
	struct fdtable *files;
	struct file *f;
	int fd = n, err = get_files(pid, true, &files);

	if (err != 0)
		return err;
	f = fdtable_next(files, &fd);
	if (f != NULL && fd != n) {
		file_put(f);
		f = NULL;
	}
	fdtable_put(files);
	*out = f;
	return f == NULL ? -ENOENT : 0;
}

/* Print the path of f, and drop the reference on f. */
static int
file_text(struct textbuf *out, struct file *f)
{
	char *path;

	path = kmalloc(PATH_MAX);
	if (path != NULL)
		tb_append(out, path,
			  MIN(file_path(f, path, PATH_MAX),
			      (size_t)PATH_MAX - 1));
	kfree(path);
	file_put(f);
	return path == NULL ? -ENOMEM : 0;
}

static int
exe_text(struct textbuf *out, pid_t pid)
{
	struct file *f;
	int err = get_exe(pid, &f);

	return err != 0 ? err : file_text(out, f);
}

static int
exe_target(struct inode **out, pid_t pid)
{
	struct file *f;
	int err = get_exe(pid, &f);

	if (err != 0)
		return err;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

static int
dir_text(struct textbuf *out, pid_t pid,
	 struct inode *(*get)(struct fs_context *c))
{
	struct inode *dir;
	char *path;
	ssize_t n = -ENOMEM;
	int err = get_dir(pid, get, &dir);

	if (err != 0)
		return err;
	path = kmalloc(PATH_MAX);
	if (path != NULL)
		n = vfs_dir_path(dir, false, path, PATH_MAX);
	if (n == -ENOENT) /* removed: inode_path() marks it */
		n = (ssize_t)inode_path(dir, path, PATH_MAX);
	if (n > 0)
		tb_append(out, path, (size_t)n);
	kfree(path);
	inode_put(dir);
	return n < 0 ? (int)n : 0;
}

static int
cwd_text(struct textbuf *out, pid_t pid)
{
	return dir_text(out, pid, fs_context_cwd);
}

static int
cwd_target(struct inode **out, pid_t pid)
{
	return get_dir(pid, fs_context_cwd, out);
}

static int
root_text(struct textbuf *out, pid_t pid)
{
	return dir_text(out, pid, fs_context_root);
}

static int
root_target(struct inode **out, pid_t pid)
{
	return get_dir(pid, fs_context_root, out);
}

static bool
fd_next(pid_t pid, int *n)
{
	struct fdtable *files;
	struct file *f;

	if (get_files(pid, false, &files) != 0)
		return false;
	f = fdtable_next(files, n);
	if (f != NULL)
		file_put(f);
	fdtable_put(files);
	return f != NULL;
}

static int
fd_text(struct textbuf *out, pid_t pid, int n)
{
	struct file *f;
	int err = get_file(pid, n, &f);

	return err != 0 ? err : file_text(out, f);
}

static int
fd_target(struct inode **out, pid_t pid, int n)
{
	struct file *f;
	int err = get_file(pid, n, &f);

	if (err != 0)
		return err;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

void
proclinks_init(void)
{
	procfs_register_pid_link("exe", exe_text, exe_target);
	procfs_register_pid_link("cwd", cwd_text, cwd_target);
	procfs_register_pid_link("root", root_text, root_target);
	procfs_register_pid_numbers("fd", fd_next, fd_text, fd_target);
}
