/*
 * proc/proclinks.c - the links in every /proc/<pid>: exe, cwd and fd/.
 *
 * Each takes a reference under proc_lock and lets go of it before it returns.
 */
#include "fs/fd.h"
#include "fs/procfs.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/procfiles.h"

/* A reference on the program's file, or NULL. */
static struct file *
get_exe(pid_t pid)
{
	struct file *f = NULL;
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && p->exe != NULL)
		f = file_get(p->exe);
	spin_unlock(&proc_lock);
	return f;
}

static struct inode *
get_cwd(pid_t pid)
{
	struct fs_context *fs = NULL;
	struct inode *dir;
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && p->fs != NULL)
		fs = fs_context_get(p->fs);
	spin_unlock(&proc_lock);
	if (fs == NULL)
		return NULL;
	dir = fs_context_cwd(fs);
	fs_context_put(fs);
	return dir;
}

static struct fdtable *
get_files(pid_t pid)
{
	struct fdtable *files = NULL;
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && p->files != NULL)
		files = fdtable_get(p->files);
	spin_unlock(&proc_lock);
	return files;
}

/* The open file n of a process, with a reference, or NULL. */
static struct file *
get_file(pid_t pid, int n)
{
	struct fdtable *files = get_files(pid);
	struct file *f;
	int fd = n;

	if (files == NULL)
		return NULL;
	f = fdtable_next(files, &fd);
	if (f != NULL && fd != n) {
		file_put(f);
		f = NULL;
	}
	fdtable_put(files);
	return f;
}

static int
file_text(struct textbuf *out, struct file *f)
{
	char *path;

	if (f == NULL)
		return -ENOENT;
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
file_target(struct inode **out, struct file *f)
{
	if (f == NULL)
		return -ENOENT;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

static int
exe_text(struct textbuf *out, pid_t pid)
{
	return file_text(out, get_exe(pid));
}

static int
exe_target(struct inode **out, pid_t pid)
{
	return file_target(out, get_exe(pid));
}

static int
cwd_text(struct textbuf *out, pid_t pid)
{
	struct inode *dir = get_cwd(pid);
	char *path;

	if (dir == NULL)
		return -ENOENT;
	path = kmalloc(PATH_MAX);
	if (path != NULL)
		tb_append(out, path,
			  MIN(inode_path(dir, path, PATH_MAX),
			      (size_t)PATH_MAX - 1));
	kfree(path);
	inode_put(dir);
	return path == NULL ? -ENOMEM : 0;
}

static int
cwd_target(struct inode **out, pid_t pid)
{
	*out = get_cwd(pid);
	return *out == NULL ? -ENOENT : 0;
}

static bool
fd_next(pid_t pid, int *n)
{
	struct fdtable *files = get_files(pid);
	struct file *f;

	if (files == NULL)
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
	return file_text(out, get_file(pid, n));
}

static int
fd_target(struct inode **out, pid_t pid, int n)
{
	return file_target(out, get_file(pid, n));
}

void
proclinks_init(void)
{
	procfs_register_pid_link("exe", exe_text, exe_target);
	procfs_register_pid_link("cwd", cwd_text, cwd_target);
	procfs_register_pid_numbers("fd", fd_next, fd_text, fd_target);
}
