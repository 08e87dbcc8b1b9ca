/* SPDX-License-Identifier: MIT */
/*
 * proc/pid.h - ids of processes, tasks, process groups and sessions.
 *
 * They share one number space: an id of one kind is not given to a second
 * thing of that kind while the first has it.  proc_lock guards the hash table.
 *
 * Keys: [t] proc_lock  [i] constant once published
 */
#ifndef PROC_PID_H
#define PROC_PID_H

#include "lib/base.h"
#include "lib/list.h"

#define PID_MAX	 32768
#define TASK_MAX 4096 /* in all processes; -EAGAIN beyond */

enum id_kind { ID_PROCESS, ID_TASK, ID_GROUP, ID_SESSION };

struct id_node {
	struct list_node node; /* [t] in a hash chain */
	enum id_kind kind;     /* [i] */
	pid_t id;	       /* [i] */
};

/* Allocate an unused id; -EAGAIN if there are TASK_MAX tasks. */
pid_t pid_alloc(void) needs_lock(proc_lock);
void id_insert(struct id_node *n, enum id_kind kind, pid_t id) nonnull
	needs_lock(proc_lock);
void id_remove(struct id_node *n) nonnull needs_lock(proc_lock);
struct id_node *id_lookup(enum id_kind kind, pid_t id) needs_lock(proc_lock);

#endif
