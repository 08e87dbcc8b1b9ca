/*
 * mm/drain.h - the thread that does what strategies have put off.
 */
#ifndef MM_DRAIN_H
#define MM_DRAIN_H

/*
 * Start the thread if some strategy has background work.  Boot, once, threads
 * can run.  Without memory for it the work waits for those who need it.
 */
void drain_init(void);

/* A space has work now.  Any context. */
void drain_wake(void);

#endif
