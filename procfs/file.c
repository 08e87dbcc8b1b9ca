/* SPDX-License-Identifier: MIT */
/*
 * procfs/file.c - open files of /proc: texts, records, and the memory of a
 * process.
 *
 * A reader's text is kept with the open file, under its own mutex, because
 * pread() does not lock the file's position.  Process context, may sleep.  When
 * memory is short, the reader gets -ENOMEM.
 */
#include "fs/file.h"
#include "kernel/mutex.h"
#include "lib/string.h"
#include "mm/iobuf.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/foreign.h"
#include "procfs/procfs.h"

#define RECORDS_MAX 65536u /* bytes a read, to bound its time */

/* ---- texts ---- */

struct proc_open {
	struct mutex lock;
	struct textbuf text; /* [lock] */
	bool made;	     /* [lock] `text` is complete */
	uint64_t image;	     /* [i] for a file of a process */
};

/*
 * Open a text.  -EACCES: opened for writing, but the file has no write
 * function.  The check is needed since root passes the mode check.
 */
static int
text_open(struct file *f)
{
	struct proc_node node = proc_node(f->inode);
	struct proc_open *o;
	uint64_t image = 0;
	int err = node.pid == 0
			  ? 0
			  : pid_image(node.pid, node.entry->of_space, &image);

	if (err != 0)
		return err;
	if ((f->mode & FILE_WRITE) && node.entry->write == NULL)
		return -EACCES;
	o = kmalloc(sizeof(*o));
	if (o == NULL)
		return -ENOMEM;
	mutex_init(&o->lock, LOCK_PROCFILE);
	tb_init(&o->text);
	o->made = false;
	o->image = image;
	f->priv = o;
	return 0;
}

static void
text_release(struct file *f)
{
	struct proc_open *o = f->priv;

	tb_free(&o->text);
	kfree(o);
}

static int
make_text(struct inode *inode, struct proc_open *o)
{
	struct proc_node node = proc_node(inode);
	int err = 0;

	requires_lock(&o->lock);
	tb_free(&o->text);
	o->made = false;
	if (node.entry->of_space)
		node.space = pid_space(node.pid, o->image);
	if (!node.entry->of_space || node.space != NULL)
		err = node.entry->show(&o->text, &node);
	if (node.space != NULL)
		space_put(node.space);
	if (err == 0)
		err = o->text.error;
	if (err != 0)
		tb_free(&o->text);
	o->made = err == 0;
	return err;
}

static ssize_t
text_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct proc_open *o = f->priv;
	ssize_t n = 0;

	if (b->left == 0)
		return 0;
	mutex_lock(&o->lock);
	if (*pos == 0 || !o->made)
		n = make_text(f->inode, o);
	if (n == 0)
		n = tb_read(&o->text, b, *pos);
	mutex_unlock(&o->lock);
	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

bool
proc_is_word(const char *data, size_t n, const char *word)
{
	if (n > 0 && data[n - 1] == '\n')
		n--;
	return strlen(word) == n && memcmp(data, word, n) == 0;
}

int
show_number(struct textbuf *out, const struct proc_node *node)
{
	const _Atomic uint64_t *value = node->entry->arg;

	tb_printf(out, "%lu\n", *value);
	return 0;
}

bool
proc_parse_number(const char *data, size_t n, uint64_t *value)
{
	const char *end;
	uint64_t v;

	if (!str_to_u64(data, &v, &end) || v > INT64_MAX)
		return false;
	if (*end == '\n')
		end++;
	if (end != data + n)
		return false;
	*value = v;
	return true;
}

int
write_number(const char *data, size_t n, const struct proc_node *node)
{
	uint64_t value;

	if (!proc_parse_number(data, n, &value))
		return -EINVAL;
	*(_Atomic uint64_t *)node->entry->arg = value;
	return 0;
}

static ssize_t
text_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct proc_node node = proc_node(f->inode);
	size_t n = b->left;
	ssize_t got;
	char *text;
	int err;

	if (n == 0)
		return 0;
	if (n > PROC_WRITE_MAX)
		return -EINVAL;
	text = kmalloc(n + 1);
	if (text == NULL)
		return -ENOMEM;
	got = iobuf_take(b, text, n);
	if (got == (ssize_t)n) {
		text[n] = '\0';
		err = node.entry->write(text, n, &node);
	} else {
		err = -EFAULT;
	}
	kfree(text);
	if (err != 0)
		return err;
	*pos += n;
	return (ssize_t)n;
}

/* No SEEK_END: the length is unknown before the text is generated. */
static int64_t
proc_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR &&
	    __builtin_add_overflow(offset, (int64_t)f->pos, &offset))
		return -EOVERFLOW;
	if (whence != SEEK_CUR && whence != SEEK_SET)
		return -EINVAL;
	return offset < 0 ? -EINVAL : offset;
}

const struct file_ops proc_text_ops = {
	.open = text_open,
	.read = text_read,
	.write = text_write,
	.seek = proc_seek,
	.release = text_release,
};

/* ---- files about a space, without a text ---- */

static int
space_open(struct file *f)
{
	uint64_t image;
	int err = pid_image(proc_node(f->inode).pid, true, &image);

	f->priv = (void *)(uintptr_t)image;
	return err;
}

static struct space *
space_of(const struct file *f)
{
	return pid_space(proc_node(f->inode).pid, (uintptr_t)f->priv);
}

/*
 * Read records until the buffer is full, at most RECORDS_MAX bytes.  -EINVAL:
 * offset or size is not a multiple of the record size.
 */
static ssize_t
records_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	const struct proc_entry *e = proc_node(f->inode).entry;
	uint64_t record[PROC_RECORD_MAX / sizeof(uint64_t)];
	size_t size = e->size, most = MIN(b->left, RECORDS_MAX), n = 0;
	struct space *s;
	int err = 0;

	if (*pos % size != 0 || b->left % size != 0)
		return -EINVAL;
	s = space_of(f);
	if (s == NULL)
		return 0;
	while (n < most) {
		err = e->record(s, *pos / size, record);
		if (err == 0 && iobuf_put(b, record, size) != (ssize_t)size)
			err = -EFAULT;
		if (err != 0)
			break;
		*pos += size;
		n += size;
	}
	space_put(s);
	return n > 0 || err == -ENXIO ? (ssize_t)n : err;
}

static int
records_open(struct file *f)
{
	return f->mode & FILE_WRITE ? -EACCES : space_open(f);
}

const struct file_ops proc_record_ops = {
	.open = records_open,
	.read = records_read,
	.seek = proc_seek,
};

/* ---- /proc/<pid>/mem ---- */

/* Read or write memory of the process.  -EIO: no mapping there, as on Linux. */
static ssize_t
mem_transfer(struct file *f, struct iobuf *b, uint64_t *pos, bool write)
{
	struct space *s = space_of(f);
	ssize_t n;

	if (s == NULL)
		return 0;
	n = foreign_peek(s, *pos, b, write);
	space_put(s);
	*pos += (uint64_t)MAX(n, 0);
	return n == -EFAULT ? -EIO : n;
}

static ssize_t
mem_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return mem_transfer(f, b, pos, false);
}

static ssize_t
mem_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return mem_transfer(f, b, pos, true);
}

const struct file_ops proc_mem_ops = {
	.open = space_open,
	.read = mem_read,
	.write = mem_write,
	.seek = proc_seek,
};
