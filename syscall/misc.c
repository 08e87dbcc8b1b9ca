/* SPDX-License-Identifier: MIT */
/*
 * syscall/misc.c - calls on the system as a whole: uname, sethostname, sysinfo,
 * getrandom, syslog, reboot.
 *
 * Only root may set the host name or shut the machine down (proc/shutdown.h).
 * All other calls are open to every thread.
 */
#include "arch/hart.h"
#include "kernel/hart.h"
#include "kernel/hostname.h"
#include "kernel/load.h"
#include "kernel/log.h"
#include "kernel/random.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/shutdown.h"
#include "syscall/syscall.h"

#define UTS_FIELD 65

struct user_utsname {
	char sysname[UTS_FIELD], nodename[UTS_FIELD], release[UTS_FIELD];
	char version[UTS_FIELD], machine[UTS_FIELD], domain[UTS_FIELD];
};

int64_t
sys_uname(uaddr_t to)
{
	struct user_utsname u;

	memset(&u, 0, sizeof(u));
	(void)str_copy(u.sysname, "Tine", UTS_FIELD);
	(void)str_copy(u.nodename, system_hostname(), UTS_FIELD);
	/* The C library checks that the release is new enough for it. */
	(void)str_copy(u.release, "6.1.0-tine", UTS_FIELD);
	(void)str_copy(u.version, "#1 SMP Tine", UTS_FIELD);
	(void)str_copy(u.machine, "riscv64", UTS_FIELD);
	(void)str_copy(u.domain, "(none)", UTS_FIELD);
	return copy_to_user(to, &u, sizeof(u));
}

int64_t
sys_sethostname(uaddr_t from, unsigned n)
{
	char name[UTS_FIELD - 1];

	if (thread_current()->cred.euid != 0)
		return -EPERM;
	if (n > sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, from, n) != 0)
		return -EFAULT;
	system_set_hostname(name, n);
	return 0;
}

struct user_sysinfo {
	int64_t uptime;
	uint64_t loads[3];
	uint64_t total, free, shared, buffers, swap_total, swap_free;
	uint16_t procs, pad;
	uint64_t high_total, high_free;
	uint32_t unit;
};

int64_t
sys_sysinfo(uaddr_t to)
{
	struct user_sysinfo info;
	struct frame_stats st;

	memset(&info, 0, sizeof(info));
	frame_get_stats(&st);
	info.uptime = (int64_t)(time_now() / NSEC_PER_SEC);
	for (unsigned i = 0; i < LOAD_AVERAGES; i++)
		info.loads[i] = load_average(i);
	info.total = (st.total - st.reserved) * PAGE_SIZE;
	info.free = st.free * PAGE_SIZE;
	info.procs = (uint16_t)task_count;
	info.unit = 1;
	return copy_to_user(to, &info, sizeof(info));
}

#define GRND_NONBLOCK 1u
#define GRND_RANDOM   2u
#define GRND_INSECURE 4u

int64_t
sys_getrandom(uaddr_t to, size_t n, unsigned flags)
{
	uint8_t buf[256];
	uint64_t done = 0;

	if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) ||
	    (flags & (GRND_RANDOM | GRND_INSECURE)) ==
		    (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	n = MIN(n, (uint64_t)INT32_MAX);
	while (done < n) {
		size_t part = MIN(n - done, sizeof(buf));

		random_bytes(buf, part);
		if (copy_to_user(to + done, buf, part) != 0)
			return done > 0 ? (int64_t)done : -EFAULT;
		done += part;
		if (thread_interrupted(WAIT_SIGNALS) && done < n)
			break;
	}
	return (int64_t)done;
}

#define SYSLOG_READ_ALL	   3
#define SYSLOG_READ_CLEAR  4
#define SYSLOG_CLEAR	   5
#define SYSLOG_LEVEL	   8
#define SYSLOG_SIZE_BUFFER 10
#define LOG_BYTES	   32768u

/* Where the text begins that no SYSLOG_CLEAR has taken from view. */
static _Atomic uint64_t log_begin;

static uint64_t
log_end(void)
{
	uint64_t end;

	(void)log_read(UINT64_MAX, NULL, 0, &end);
	return end;
}

/*
 * The first line that begins at `from` or behind it; `end` if there is none.
 * `buf` is a page.
 */
static uint64_t
line_from(uint64_t from, uint64_t end, char *buf)
{
	const char *newline;
	uint64_t next;
	size_t got;

	if (from == 0)
		return 0;
	got = log_read(from - 1, buf, PAGE_SIZE, &next);
	newline = memchr(buf, '\n', got);
	if (newline == NULL)
		return end;
	return next - got + (uint64_t)(newline + 1 - buf);
}

/* Copy the newest lines of the log that fit into n bytes. */
static int64_t
read_log(uaddr_t to, uint64_t n, bool clear)
{
	uint64_t begin = log_begin, end = log_end(), pos, done = 0;
	char *buf = kmalloc(PAGE_SIZE);

	if (buf == NULL)
		return -ENOMEM;
	n = MIN(n, LOG_BYTES);
	pos = end - begin > n ? line_from(end - n, end, buf) : begin;
	while (pos < end) {
		size_t got =
			log_read(pos, buf, MIN(end - pos, PAGE_SIZE), &pos);

		if (copy_to_user(to + done, buf, got) != 0) {
			kfree(buf);
			return -EFAULT;
		}
		done += got;
	}
	kfree(buf);
	if (clear)
		log_begin = end;
	return (int64_t)done;
}

int64_t
sys_syslog(int type, uaddr_t to, int n)
{
	bool root = thread_current()->cred.euid == 0;

	if (type != SYSLOG_READ_ALL && type != SYSLOG_SIZE_BUFFER && !root)
		return -EPERM;
	switch (type) {
	case 0: /* close and open */
	case 1:
		return 0;
	case SYSLOG_READ_ALL:
	case SYSLOG_READ_CLEAR:
		if (to == 0 || n < 0)
			return -EINVAL;
		if (!user_range_ok(to, (unsigned)n))
			return -EFAULT;
		return read_log(to, (unsigned)n, type == SYSLOG_READ_CLEAR);
	case SYSLOG_CLEAR:
		log_begin = log_end();
		return 0;
	case SYSLOG_LEVEL: /* print the messages of levels below n, 1 to 8 */
		if (n < 1 || n > 8)
			return -EINVAL;
		log_set_console_level(n > 7   ? LOG_DEBUG
				      : n > 6 ? LOG_INFO
				      : n > 4 ? LOG_WARN
					      : LOG_ERROR);
		return 0;
	case SYSLOG_SIZE_BUFFER:
		return LOG_BYTES;
	default:
		return -EINVAL;
	}
}

#define REBOOT_MAGIC1	 0xfee1deadu
#define REBOOT_RESTART	 0x01234567u
#define REBOOT_HALT	 0xcdef0123u
#define REBOOT_POWER_OFF 0x4321fedcu
#define REBOOT_CAD_ON	 0x89abcdefu
#define REBOOT_CAD_OFF	 0u

static bool
magic2_ok(uint32_t magic)
{
	return magic == 672274793 || magic == 85072278 || magic == 369367448 ||
	       magic == 537993216;
}

/*
 * Shut the machine down.  Returns only if another thread has already begun
 * a shutdown; the current thread must then exit.
 */
static int64_t
end_machine(bool restart)
{
	struct waitq nobody;
	int err;

	if (!shutdown_begin()) {
		waitq_init(&nobody);
		return wait_event_killable(&nobody, false);
	}
	err = shutdown_finish();
	if (restart)
		machine_reboot();
	/* A non-zero status reports to the host that data was lost. */
	machine_power_off(err != 0);
}

int64_t
sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t cmd, uaddr_t arg)
{
	if (thread_current()->cred.euid != 0)
		return -EPERM;
	if (magic1 != REBOOT_MAGIC1 || !magic2_ok(magic2))
		return -EINVAL;
	switch (cmd) {
	case REBOOT_RESTART:
		return end_machine(true);
	case REBOOT_HALT:
	case REBOOT_POWER_OFF:
		return end_machine(false);
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		return 0;
	default:
		return -EINVAL;
	}
}
