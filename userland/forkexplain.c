/* SPDX-License-Identifier: MIT */
/*
 * userland/forkexplain.c - forkctl explain: what decides one address of a
 * process.
 *
 * Everything comes from /proc/PID/pagewalk, which has a record for each page
 * (mm/look.h).  Other processes with the same frame or table are found by their
 * pagemap.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forkctl.h"
#include "lib/ulib.h"

#define PAGE		4096ull
#define USER_END	(1ull << 38)
#define SCAN_MOST	(1ull << 30) /* a larger mapping is not looked through */
#define PRESENT		(1ull << 63) /* in pagemap, with the frame in bits 0-54 */
#define FRAME_OF(entry) ((entry) >> 10 & ((1ull << 44) - 1))

enum { READ = 1, WRITE = 2, EXEC = 4, SHARED = 8 };
enum { V = 1, A = 1 << 6, D = 1 << 7, DETACHED = 1 << 8, PARKED = 1 << 9 };
enum { ZERO = 1, CACHE = 2, HOT = 1 << 4, DIRTY = 1 << 6, ANON = 1 << 11 };
enum { TABLE_COPY = 0x40, TABLE_TAKE = 0x80 };

struct page_look { /* mm/look.h */
	uint64_t entry[3], frame, start, end;
	uint32_t vma_flags, table_share;
	uint16_t table_live;
	uint8_t does[3], reserved[3];
};

static const char *const outcomes[] = {
	"needs no fault",
	"faults: the mapping forbids it, SIGSEGV",
	"faults: the shared zero page is mapped",
	"faults: a new frame of zeroes is mapped",
	"faults: the file's page in the page cache is mapped",
	"faults: the file's page is copied to a frame of its own",
	"faults: the page is copied to a frame of its own",
	"faults: no other process maps the page, so it becomes writable again",
	"faults: the shared page becomes writable, and dirty",
};

/* ---- reading ---- */

/* Number `index` of a file of records; false: there is none. */
static bool
read_records(const char *pid, const char *file, uint64_t index, void *to,
	     size_t size, size_t count)
{
	char path[64];
	bool got;
	int fd;

	proc_path(path, pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = fd >= 0 && pread(fd, to, size * count, (off_t)(index * size)) ==
				 (ssize_t)(size * count);
	if (fd >= 0)
		close(fd);
	return got;
}

static bool
look_at(const char *pid, uint64_t va, struct page_look *look)
{
	return read_records(pid, "pagewalk", va / PAGE, look, sizeof(*look), 1);
}

static bool
has_table(const struct page_look *look)
{
	return (look->entry[1] & (V | DETACHED)) != 0;
}

static bool
has_page(const struct page_look *look)
{
	return has_table(look) && (look->entry[2] & (V | PARKED)) != 0;
}

/* How many tables map the frame. */
static unsigned
tables_of(uint64_t frame)
{
	return (unsigned)(frame >> 32) - (unsigned)(frame >> 16 & 0xffff) -
	       ((frame & CACHE) != 0);
}

static void
name_of(const char *pid, char name[32])
{
	char path[64];

	proc_path(path, pid, "comm");
	if (read_small_file(path, name, 32) < 0)
		strcpy(name, "?");
	name[strcspn(name, "\n")] = '\0';
}

/* ---- other processes with the same frame ---- */

struct hunt {
	const char *pid; /* the process to leave out, at va */
	uint64_t va, frame;
	unsigned left; /* still to be found */
};

static void
found(struct hunt *h, const char *pid, uint64_t va)
{
	char name[32];

	name_of(pid, name);
	printf("             also mapped by process %s (%s) at %#llx\n", pid,
	       name, (unsigned long long)va);
	h->left--;
}

/* The pages of one mapping. */
static void
hunt_in_range(struct hunt *h, const char *pid, uint64_t start, uint64_t end)
{
	enum { BATCH = 512 };
	static uint64_t map[BATCH];

	for (uint64_t at = start; at < end && h->left > 0;) {
		size_t n =
			(end - at) / PAGE < BATCH ? (end - at) / PAGE : BATCH;

		if (!read_records(pid, "pagemap", at / PAGE, map, 8, n))
			return;
		for (size_t i = 0; i < n && h->left > 0; i++, at += PAGE) {
			if ((map[i] & PRESENT) == 0 ||
			    (map[i] & ((1ull << 55) - 1)) != h->frame)
				continue;
			if (at != h->va || strcmp(pid, h->pid) != 0)
				found(h, pid, at);
		}
	}
}

static void
hunt_in_process(struct hunt *h, const char *pid)
{
	unsigned long long start, end;
	char path[64], line[512];
	FILE *maps;

	proc_path(path, pid, "maps");
	maps = fopen(path, "re");
	if (maps == NULL)
		return; /* the process has ended */
	while (h->left > 0 && fgets(line, sizeof(line), maps) != NULL)
		if (sscanf(line, "%llx-%llx", &start, &end) == 2 &&
		    end - start <= SCAN_MOST)
			hunt_in_range(h, pid, start, end);
	fclose(maps);
}

static void
each_process(void (*fn)(struct hunt *h, const char *pid), struct hunt *h)
{
	char **names = path_list("/proc");

	if (names == NULL)
		die("/proc");
	for (size_t i = 0; names[i] != NULL && h->left > 0; i++)
		if (isdigit((unsigned char)names[i][0]))
			fn(h, names[i]);
	path_list_free(names);
}

/* A table is shared at one address only. */
static void
hunt_table(struct hunt *h, const char *pid)
{
	struct page_look look;
	char name[32];

	if (strcmp(pid, h->pid) == 0 || !look_at(pid, h->va, &look) ||
	    !has_table(&look) || FRAME_OF(look.entry[1]) != h->frame)
		return;
	name_of(pid, name);
	printf("             also used by process %s (%s)\n", pid, name);
	h->left--;
}

/* ---- saying ---- */

static void
say_mapping(const struct page_look *look)
{
	uint32_t f = look->vma_flags;

	if (look->end == 0) {
		puts("mapping      none");
		return;
	}
	printf("mapping      %#llx-%#llx %c%c%c%c, %s\n",
	       (unsigned long long)look->start, (unsigned long long)look->end,
	       f & READ ? 'r' : '-', f & WRITE ? 'w' : '-',
	       f & EXEC ? 'x' : '-', f & SHARED ? 's' : 'p',
	       f & SHARED ? "shared" : "private");
}

static void
say_upper(int level, uint64_t entry, const char *what)
{
	printf("level %d      0x%016llx  ", level, (unsigned long long)entry);
	if (entry & V)
		printf("valid: %s in frame %#llx\n", what,
		       (unsigned long long)FRAME_OF(entry));
	else if (entry & DETACHED)
		printf("detached: the hardware cannot reach %s in frame "
		       "%#llx\n",
		       what, (unsigned long long)FRAME_OF(entry));
	else
		puts("empty");
}

static void
say_leaf(uint64_t e, uint32_t vma_flags)
{
	printf("level 0      0x%016llx  ", (unsigned long long)e);
	if ((e & (V | PARKED)) == 0) {
		puts("empty");
		return;
	}
	printf("%s%s%s%s%s%s: the page in frame %#llx\n",
	       e & PARKED ? "parked (PROT_NONE)" : "valid",
	       e & 2 ? ", read" : "", e & 4 ? ", write" : "",
	       e & 8 ? ", execute" : "", e & A ? ", accessed" : "",
	       e & D ? ", dirty" : "", (unsigned long long)FRAME_OF(e));
	if ((vma_flags & WRITE) && !(e & 4))
		puts("             the mapping is writable, this entry is not: "
		     "the next write faults");
}

static void
say_frame(const char *pid, uint64_t va, const struct page_look *look)
{
	uint64_t f = look->frame;
	struct hunt h = { pid, va, FRAME_OF(look->entry[2]), 0 };

	printf("frame        %#llx: %s%s%s", (unsigned long long)h.frame,
	       f & ZERO	   ? "the zero page, which all processes share"
	       : f & CACHE ? "a page of a file"
			   : "private memory",
	       f & CACHE && f & DIRTY ? ", newer than the disk" : "",
	       f & HOT ? ", written soon after an earlier fork" : "");
	if (f & ZERO) {
		puts("");
		return;
	}
	printf("; %u page table%s it\n", tables_of(f),
	       tables_of(f) == 1 ? " maps" : "s map");
	h.left = tables_of(f) + look->table_share - 2;
	each_process(hunt_in_process, &h);
	if (h.left > 0)
		printf("             and by %u more that cannot be listed\n",
		       h.left);
}

static void
say_table(const char *pid, uint64_t va, const struct page_look *look)
{
	struct hunt h = { pid, va, FRAME_OF(look->entry[1]),
			  look->table_share - 1 };

	printf("             %u of its 512 entries in use, by %u address "
	       "space%s\n",
	       look->table_live, look->table_share,
	       look->table_share == 1 ? "" : "s");
	each_process(hunt_table, &h);
}

static void
say_access(const char *what, uint8_t does)
{
	unsigned page = does & 0x3f;

	printf("%-12s ", what);
	if (does & TABLE_COPY)
		printf("faults: the leaf table is copied, then: ");
	if (does & TABLE_TAKE)
		printf("faults: the leaf table is attached, then: ");
	puts(page < sizeof(outcomes) / sizeof(outcomes[0]) ? outcomes[page]
							   : "?");
}

void
explain(const char *pid, const char *address)
{
	char own[16], name[32], strategy[64], path[64], *end;
	uint64_t va = strtoull(address, &end, 16);
	struct page_look look;

	if (strcmp(pid, "self") == 0) { /* not to be found as another */
		snprintf(own, sizeof(own), "%d", (int)getpid());
		pid = own;
	}
	if (*address == '\0' || *end != '\0' || va >= USER_END) {
		complain_as("%s: not a hexadecimal address below %#llx",
			    address, USER_END);
		exit(2);
	}
	read_strategy(pid, strategy);
	name_of(pid, name);
	if (!look_at(pid, va, &look)) {
		proc_path(path, pid, "pagewalk");
		die(path);
	}
	va &= ~(PAGE - 1);
	printf("process %s (%s) under %s, page %#llx\n", pid, name, strategy,
	       (unsigned long long)va);
	say_mapping(&look);
	say_upper(2, look.entry[0], "the upper table");
	if (look.entry[0] & V)
		say_upper(1, look.entry[1], "the leaf table");
	if (has_table(&look)) {
		say_table(pid, va, &look);
		say_leaf(look.entry[2], look.vma_flags);
	}
	if (has_page(&look))
		say_frame(pid, va, &look);
	say_access("a read", look.does[0]);
	say_access("a write", look.does[1]);
	say_access("a fetch", look.does[2]);
}
