/*
 * fs/procinfo.h - the files of /proc about the machine and the file systems.
 */
#ifndef FS_PROCINFO_H
#define FS_PROCINFO_H

/* Boot, once. */
void procinfo_init(void);

#endif
