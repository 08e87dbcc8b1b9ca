/* SPDX-License-Identifier: MIT */
/*
 * procfs/links.c - the links of /proc: self, and in every /proc/<pid>
 * exe, cwd, root and fd/.
 *
 * Each function checks under proc_lock whether the thread may inspect the
 * process, takes a reference there, and drops the reference or passes it to its
 * caller.  Process context, may sleep.  -ENOENT if the process or the link no
 * longer exists, -EACCES if the thread may not inspect the process.
 */
#include "fs/current.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/reach.h"
#include "procfs/show.h"
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
 * Get the working or the root directory with get().  Takes no reference on the
 * context: rights_find() counts these references to detect sharing.
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
 * The file table, with a reference.  Without `inside`, does not check whether
 * the thread may inspect the process: the caller shows only the numbers of
 * descriptors, which the mode of the directory protects.
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

int
show_exe(struct textbuf *out, const struct proc_node *node)
{
	struct file *f;
	int err = get_exe(node->pid, &f);

	return err != 0 ? err : file_text(out, f);
}

int
follow_exe(struct inode **out, const struct proc_node *node)
{
	struct file *f;
	int err = get_exe(node->pid, &f);

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
	if (n == -ENOENT) /* the directory was removed: add " (deleted)" */
		n = (ssize_t)inode_path(dir, path, PATH_MAX);
	if (n > 0)
		tb_append(out, path, (size_t)n);
	kfree(path);
	inode_put(dir);
	return n < 0 ? (int)n : 0;
}

int
show_cwd(struct textbuf *out, const struct proc_node *node)
{
	return dir_text(out, node->pid, fs_context_cwd);
}

int
follow_cwd(struct inode **out, const struct proc_node *node)
{
	return get_dir(node->pid, fs_context_cwd, out);
}

int
show_root(struct textbuf *out, const struct proc_node *node)
{
	return dir_text(out, node->pid, fs_context_root);
}

int
follow_root(struct inode **out, const struct proc_node *node)
{
	return get_dir(node->pid, fs_context_root, out);
}

bool
next_fd(const struct proc_node *dir, int *n)
{
	struct fdtable *files;
	struct file *f;

	if (get_files(dir->pid, false, &files) != 0)
		return false;
	f = fdtable_next(files, n);
	if (f != NULL)
		file_put(f);
	fdtable_put(files);
	return f != NULL;
}

int
show_fd(struct textbuf *out, const struct proc_node *node)
{
	struct file *f;
	int err = get_file(node->pid, node->number, &f);

	return err != 0 ? err : file_text(out, f);
}

int
follow_fd(struct inode **out, const struct proc_node *node)
{
	struct file *f;
	int err = get_file(node->pid, node->number, &f);

	if (err != 0)
		return err;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

/* Print the current pid.  -ENOENT: a kernel thread, which has no process. */
int
show_self(struct textbuf *out, const struct proc_node *node)
{
	pid_t pid = current_pid();

	tb_printf(out, "%d", pid);
	return pid > 0 ? 0 : -ENOENT;
}
