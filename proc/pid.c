/* SPDX-License-Identifier: MIT */
/*
 * proc/pid.c - allocating and looking up the ids of tasks, groups and sessions.
 *
 * All kinds share one hash table, so that a new pid never equals the id of a
 * group or session that still exists.  All functions run under proc_lock, in
 * any context, and allocate no memory.  Only pid_alloc() can fail.
 */
#include "proc/pid.h"

#include "kernel/panic.h"
#include "proc/process.h"

#define BUCKETS 256u

static struct list_node buckets[BUCKETS]; /* [proc_lock] */
static pid_t last_pid;			  /* [proc_lock] */

static struct list_node *
bucket(pid_t id)
{
	struct list_node *head = &buckets[(unsigned)id % BUCKETS];

	if (head->next == NULL)
		list_init(head);
	return head;
}

struct id_node *
id_lookup(enum id_kind kind, pid_t id)
{
	struct list_node *head = bucket(id);
	struct id_node *n;

	requires_lock(&proc_lock);
	list_for_each_entry(n, head, node) {
		if (n->id == id && n->kind == kind)
			return n;
	}
	return NULL;
}

static bool
id_used(pid_t id)
{
	struct list_node *head = bucket(id);
	struct id_node *n;

	list_for_each_entry(n, head, node) {
		if (n->id == id)
			return true;
	}
	return false;
}

void
id_insert(struct id_node *n, enum id_kind kind, pid_t id)
{
	requires_lock(&proc_lock);
	n->kind = kind;
	n->id = id;
	list_push_back(bucket(id), &n->node);
}

void
id_remove(struct id_node *n)
{
	requires_lock(&proc_lock);
	list_del(&n->node);
}

pid_t
pid_alloc(void)
{
	requires_lock(&proc_lock);
	if (task_count >= TASK_MAX)
		return -EAGAIN;
	/* At most 3 * TASK_MAX of PID_MAX ids are in use, so the loop ends. */
	do {
		last_pid = last_pid >= PID_MAX - 1 ? 2 : last_pid + 1;
	} while (id_used(last_pid));
	return last_pid;
}
