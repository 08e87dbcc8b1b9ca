/*
 * proc/procfiles.h - the files of /proc that tell about processes.
 */
#ifndef PROC_PROCFILES_H
#define PROC_PROCFILES_H

#include "lib/base.h"

/* Boot, after fs_init(), before processes exist. */
void procfiles_init(void);

/* procpid.c: those in every /proc/<pid>. */
void procpid_init(void);
/* procpages.c: those about its memory. */
void procpages_init(void);
/* proclinks.c: the links there. */
void proclinks_init(void);

#endif
