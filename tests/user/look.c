/* SPDX-License-Identifier: MIT */
/*
 * tests/user/look.c - what /proc tells about pages and mappings: V1-V6.
 *
 * V2 takes what pagewalk (mm/look.h) says an access would do, makes the access,
 * and compares with what became of the page and its table.
 */
#include "utest.h"

#include <limits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

struct page_look { /* mm/look.h */
	uint64_t entry[3], frame, start, end;
	uint32_t vma_flags, table_share;
	uint16_t table_live;
	uint8_t does[3], reserved[3];
};

enum {
	NOTHING,
	REFUSED,
	MAP_ZERO,
	NEW_ZERO,
	FILE_MAP,
	FILE_COPY,
	COPY,
	REUSE,
	SHARED_DIRTY,
	TABLE_COPY = 0x40,
	TABLE_TAKE = 0x80
};
enum { V = 1, W = 4, DETACHED = 1 << 8 };
enum { ZERO = 1, CACHE = 2 };

static uint64_t
frame_of(uint64_t entry)
{
	return entry >> 10 & ((1ull << 44) - 1);
}

static struct page_look
look_at(const void *p)
{
	static int fd = -1;
	static pid_t owner;
	struct page_look look;

	if (owner != getpid()) {
		owner = getpid();
		fd = open("/proc/self/pagewalk", O_RDONLY | O_CLOEXEC);
	}
	REQUIRE(pread(fd, &look, sizeof(look),
		      (off_t)((uintptr_t)p / PG * sizeof(look))) ==
		sizeof(look));
	return look;
}

static uint64_t
pagemap(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	REQUIRE(pread(fd, &entry, 8, (off_t)((uintptr_t)p / PG * 8)) == 8);
	close(fd);
	return entry;
}

#define PRESENT	  (1ull << 63)
#define FROM_FILE (1ull << 61)
#define SOLE	  (1ull << 56)
#define PFN(e)	  ((e) & ((1ull << 55) - 1))

UTEST(v1, "V1 pagemap: frames, shared or not, and what a fork does to that")
{
	char *p = pages_new(4);
	struct peer c;
	uint64_t mine;
	bool copies;

	need_tine("Linux's answers depend on the caller");
	copies = strcmp(strategy(), "eager") == 0;
	EXPECT_EQ(pagemap(p), 0);
	poke(p, 1);
	mine = pagemap(p);
	EXPECT((mine & PRESENT) && (mine & SOLE) && !(mine & FROM_FILE));
	EXPECT(PFN(mine) != 0 && PFN(mine) == frame_of(look_at(p).entry[2]));
	peek(p + PG);
	EXPECT((pagemap(p + PG) & PRESENT) && !(pagemap(p + PG) & SOLE));
	EXPECT(pagemap(strategy) & FROM_FILE); /* code */
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(PFN(pagemap(p)) == PFN(mine), !copies);
		EXPECT_EQ((pagemap(p) & SOLE) != 0, copies);
		poke(p, 2);
		EXPECT(PFN(pagemap(p)) != PFN(mine));
		EXPECT(pagemap(p) & SOLE);
		peer_post(&c);
		utest_done();
	}
	peer_wait(&c);
	EXPECT(pagemap(p) & SOLE);
	PEER_END(&c);
}

/* ---- what an access would do, and does --------------------------------- */

/*
 * The state of the page before the access, and which process makes the access.
 */
static const struct state {
	const char *name;
	enum { ANON, FILE_PRIVATE, FILE_SHARED, HOLE } what;
	enum { UNTOUCHED, READ, WRITTEN } how;
	int prot;
	enum { ALONE, PARENT, CHILD, CHILD_GONE, LAST, NEIGHBOUR } who;
} states[] = {
	{ "untouched", ANON, UNTOUCHED, 3, ALONE },
	{ "read", ANON, READ, 3, ALONE },
	{ "written", ANON, WRITTEN, 3, ALONE },
	{ "forked, parent", ANON, WRITTEN, 3, PARENT },
	{ "forked, child", ANON, WRITTEN, 3, CHILD },
	{ "child gone", ANON, WRITTEN, 3, CHILD_GONE },
	{ "parent, after the child has read", ANON, WRITTEN, 3, LAST },
	{ "zero page, forked, parent", ANON, READ, 3, PARENT },
	{ "zero page, forked, child", ANON, READ, 3, CHILD },
	{ "beside a forked page, parent", ANON, UNTOUCHED, 3, NEIGHBOUR },
	{ "may only be read", ANON, WRITTEN, 1, ALONE },
	{ "may only be read, forked, child", ANON, WRITTEN, 1, CHILD },
	{ "PROT_NONE", ANON, WRITTEN, 0, ALONE },
	{ "private file", FILE_PRIVATE, UNTOUCHED, 3, ALONE },
	{ "private file, read", FILE_PRIVATE, READ, 3, ALONE },
	{ "private file, written", FILE_PRIVATE, WRITTEN, 3, ALONE },
	{ "private file, read, forked, child", FILE_PRIVATE, READ, 3, CHILD },
	{ "shared file", FILE_SHARED, UNTOUCHED, 3, ALONE },
	{ "shared file, read", FILE_SHARED, READ, 3, ALONE },
	{ "shared file, written", FILE_SHARED, WRITTEN, 3, ALONE },
	{ "shared file, written, forked, child", FILE_SHARED, WRITTEN, 3,
	  CHILD },
	{ "no mapping", HOLE, UNTOUCHED, 3, ALONE },
};

static void
touch(char *p, int how)
{
	if (how == READ)
		peek(p);
	if (how == WRITTEN)
		poke(p, 1);
}

/* A page in the given state. */
static char *
page_in(const struct state *s)
{
	char *p = own_tables(1, PROT_NONE);
	int flags = s->what == FILE_SHARED ? MAP_SHARED : MAP_PRIVATE;
	int fd = s->what == ANON ? -1 : temp_file_of('f', 2 * PG);

	if (s->what == ANON)
		flags |= MAP_ANONYMOUS;
	if (s->what == HOLE)
		REQUIRE(munmap(p, 2 * PG) == 0);
	else
		REQUIRE(mmap(p, 2 * PG, PROT_READ | PROT_WRITE,
			     flags | MAP_FIXED, fd, 0) == p);
	if (fd >= 0)
		close(fd);
	touch(p, s->how);
	if (s->who == NEIGHBOUR)
		touch(p + PG, WRITTEN);
	if (s->prot != 3)
		REQUIRE(mprotect(p, 2 * PG, s->prot) == 0);
	return p;
}

/* Compares the page with what pagewalk said of it; the difference, or NULL. */
static const char *
page_as_told(unsigned does, const struct page_look *was,
	     const struct page_look *is)
{
	bool before = was->frame != 0, w = (is->entry[2] & W) != 0;
	bool same = before && frame_of(was->entry[2]) == frame_of(is->entry[2]);

	switch (does & 0x3f) {
	case NOTHING:
		return same ? NULL : "another frame";
	case REFUSED:
		return same || is->frame == was->frame ? NULL : "a new frame";
	case MAP_ZERO:
		return !before && (is->frame & ZERO) ? NULL : "no zero page";
	case NEW_ZERO:
		return !before && w && !(is->frame & (ZERO | CACHE))
			       ? NULL
			       : "no new frame";
	case FILE_MAP:
		return !before && (is->frame & CACHE) ? NULL : "no file page";
	case FILE_COPY:
		return !before && w && !(is->frame & CACHE) ? NULL : "no copy";
	case COPY:
		return before && !same && w ? NULL : "no copy";
	case REUSE:
		return same && w && !(was->entry[2] & W) ? NULL : "no reuse";
	case SHARED_DIRTY:
		return same && w && (is->frame & CACHE) ? NULL : "not dirty";
	default:
		return "an answer that there is none such";
	}
}

static const char *
table_as_told(unsigned does, const struct page_look *was,
	      const struct page_look *is)
{
	bool there = (was->entry[1] & (V | DETACHED)) != 0;
	bool same = frame_of(was->entry[1]) == frame_of(is->entry[1]);

	if ((does & 0x3f) == REFUSED)
		return NULL; /* a table may change before the refusal */
	if (does & TABLE_COPY)
		return there && !same ? NULL : "its table was not copied";
	if (does & TABLE_TAKE)
		return (was->entry[1] & DETACHED) && same && (is->entry[1] & V)
			       ? NULL
			       : "its table was not plugged in";
	return !there || same ? NULL : "its table was copied";
}

/* Looks, makes the access, looks again; NULL, or what differs. */
static const char *
compare(char *p, bool write)
{
	struct page_look was = look_at(p), is;
	unsigned does = was.does[write];
	const char *why;
	struct fault f;

	if (write)
		CATCH(&f, poke(p, 3));
	else
		CATCH(&f, peek(p));
	is = look_at(p);
	if ((f.signo != 0) != ((does & 0x3f) == REFUSED))
		return "a signal that was not foretold, or none";
	why = page_as_told(does, &was, &is);
	return why != NULL ? why : table_as_told(does, &was, &is);
}

/* One state, one access, in a fresh process. */
static const char *
one_case(const struct state *s, bool write)
{
	char *p = page_in(s);
	const char *why = NULL;
	struct peer c;

	if (s->who == ALONE)
		return compare(p, write);
	if (fork_peer(&c) == 0) {
		if (s->who == CHILD)
			why = compare(p, write);
		if (s->who == LAST)
			peek(p);
		if (why != NULL)
			utest_note("child: %s", why);
		peer_send(&c, why == NULL ? 'y' : 'n');
		if (s->who != CHILD_GONE)
			peer_wait(&c);
		utest_done();
	}
	if (peer_recv(&c) != 'y')
		why = "see above";
	if (s->who == CHILD_GONE)
		EXPECT_CLEAN(c.pid);
	if (s->who != CHILD)
		why = compare(p, write);
	if (s->who == CHILD_GONE)
		return why;
	peer_post(&c);
	PEER_END(&c);
	return why;
}

UTEST(v2, "V2 pagewalk foretells what a read and a write do")
{
	need_tine("has no /proc/PID/pagewalk");
	for (size_t i = 0; i < 2 * ARRAY_LEN(states); i++) {
		const struct state *s = &states[i / 2];
		int tries = 0, status;
		pid_t pid;

		/*
		 * The drain thread may come in between: try up to four times.
		 */
		do {
			pid = utest_fork();
			if (pid == 0) {
				const char *why = one_case(s, i % 2 != 0);

				if (why != NULL)
					utest_note("%s, %s: %s", s->name,
						   i % 2 != 0 ? "write"
							      : "read",
						   why);
				_exit(utest_failures != 0 ? 1
				      : why != NULL	  ? 2
							  : 0);
			}
			status = utest_wait(pid);
		} while (status == 2 << 8 && ++tries < 4);
		EXPECT_EQ(status, 0);
	}
}

UTEST(d9, "D9 forks leave the count of the zero page alone")
{
	char *p = pages_new(8);
	uint64_t before;

	need_tine("does not tell that count");
	EXPECT_EQ(bytes_wrong(p, 8 * PG, 0), 0);
	before = look_at(p).frame;
	EXPECT(before & ZERO);
	for (unsigned i = 0; i < utest_rounds(1000); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			peek(p + i % 8 * PG);
			if (i % 2 == 0)
				poke(p + i % 8 * PG, 1);
			_exit(look_at(p + PG).frame == before ? 0 : 1);
		}
		EXPECT_EQ(utest_wait(pid), 0);
	}
	EXPECT_EQ(look_at(p).frame, before);
}

/* ---- smaps -------------------------------------------------------------- */

/* The number of kB behind `field` in the mapping that starts at p. */
static long
smaps(const void *p, const char *field)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[300], want[40];
	bool here = false;
	long kb = -1;

	REQUIRE(f != NULL);
	snprintf(want, sizeof(want), "%08lx-", (unsigned long)(uintptr_t)p);
	while (kb < 0 && fgets(line, sizeof(line), f) != NULL) {
		if (strstr(line, " kB") == NULL)
			here = strncmp(line, want, strlen(want)) == 0;
		else if (here && strncmp(line, field, strlen(field)) == 0 &&
			 line[strlen(field)] == ':')
			kb = atol(line + strlen(field) + 1);
	}
	fclose(f);
	return kb;
}

UTEST(v3, "V3 smaps: size, resident, shared and private of a mapping")
{
	bool copies = strcmp(strategy(), "eager") == 0;
	char *p = own_tables(1, PROT_NONE);
	struct peer c;

	need_tine("merges neighbours and rounds");
	REQUIRE(mprotect(p, 20 * PG, PROT_READ | PROT_WRITE) == 0);
	pages_fill(p, 12, 1);
	peek(p + 15 * PG); /* the zero page does not count */
	EXPECT_EQ(smaps(p, "Size"), 80);
	EXPECT_EQ(smaps(p, "Rss"), 48);
	EXPECT_EQ(smaps(p, "Pss"), 48);
	EXPECT_EQ(smaps(p, "Private_Dirty"), 48);
	EXPECT_EQ(smaps(p, "Anonymous"), 48);
	EXPECT_EQ(smaps(p, "Shared_Dirty"), 0);
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(smaps(p, "Private_Dirty"), copies ? 48 : 0);
		EXPECT_EQ(smaps(p, "Shared_Dirty"), copies ? 0 : 48);
		EXPECT_EQ(smaps(p, "Pss"), copies ? 48 : 24);
		pages_fill(p, 3, 2);
		EXPECT_EQ(smaps(p, "Rss"), 48);
		EXPECT_EQ(smaps(p, "Private_Dirty"), copies ? 48 : 12);
		EXPECT_EQ(smaps(p, "Shared_Dirty"), copies ? 0 : 36);
		EXPECT_EQ(smaps(p, "Pss"), copies ? 48 : 12 + 18);
		peer_post(&c);
		peer_wait(&c);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(smaps(p, "Private_Dirty"), copies ? 48 : 12);
	EXPECT_EQ(smaps(p, "Shared_Dirty"), copies ? 0 : 36);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(smaps(p, "Private_Dirty"), 48);
}

struct mapping { /* a line of maps */
	unsigned long offset, ino;
	unsigned major, minor;
	char perms[8], name[512];
};

/* The line of /proc/self/maps for the mapping that begins at p. */
static struct mapping
mapping_at(const void *p)
{
	FILE *f = fopen("/proc/self/maps", "re");
	struct mapping m;
	char line[1024];
	unsigned long start;
	int fields = 0, behind = 0;

	REQUIRE(f != NULL);
	while (fields == 0 && fgets(line, sizeof(line), f) != NULL) {
		fields = sscanf(line, "%lx-%*x %7s %lx %x:%x %lu %n", &start,
				m.perms, &m.offset, &m.major, &m.minor, &m.ino,
				&behind);
		if (start != (unsigned long)(uintptr_t)p)
			fields = 0;
	}
	fclose(f);
	REQUIRE(fields == 6);
	line[strcspn(line, "\n")] = '\0';
	snprintf(m.name, sizeof(m.name), "%s", line + behind);
	return m;
}

UTEST(v4, "V4 pagemap and pagewalk: ends, odd places, and the right to look")
{
	static const char *const files[] = { "/proc/self/pagemap",
					     "/proc/self/pagewalk" };
	static const char *const maps[] = { "/proc/1/maps", "/proc/1/smaps" };
	char buf[4096], *page = pages_new(1);
	pid_t pid;

	need_tine("has no pagewalk");
	for (size_t i = 0; i < 2; i++) {
		int fd = open(files[i], O_RDONLY | O_CLOEXEC);
		off_t size = i == 0 ? 8 : sizeof(struct page_look);
		off_t end = (off_t)((1ul << 38) / PG) * size;

		REQUIRE(fd >= 0);
		EXPECT_ERR(pread(fd, buf, (size_t)size, 1), EINVAL);
		EXPECT_ERR(pread(fd, buf, (size_t)size - 1, 0), EINVAL);
		EXPECT_ERR(syscall(SYS_pread64, fd, 8, size, 0), EFAULT);
		EXPECT_EQ(pread(fd, buf, 0, 0), 0);
		EXPECT_EQ(pread(fd, buf, sizeof(buf), 0), sizeof(buf));
		EXPECT_EQ(pread(fd, buf, (size_t)(2 * size), end - size), size);
		EXPECT_EQ(pread(fd, buf, (size_t)size, end), 0);
		EXPECT_EQ(pread(fd, buf, (size_t)size, LLONG_MAX / size * size),
			  0);
		EXPECT_EQ(lseek(fd, 5 * size, SEEK_SET), 5 * size);
		EXPECT_EQ(read(fd, buf, (size_t)size), size);
		EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 6 * size);
		close(fd);
		EXPECT_ERR(open(files[i], O_WRONLY), EACCES);
	}
	/*
	 * Another user sees its own pages without their frames, and no other's.
	 */
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setuid(1000) == 0);
		REQUIRE(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		poke(buf, 1);
		EXPECT(pagemap(buf) & PRESENT);
		EXPECT_EQ(PFN(pagemap(buf)), 0);
		EXPECT_ERR(open("/proc/1/pagemap", O_RDONLY), EACCES);
		EXPECT_ERR(open("/proc/1/pagewalk", O_RDONLY), EACCES);
		for (size_t i = 0; i < 2; i++) {
			int fd = open(maps[i], O_RDONLY | O_CLOEXEC);

			EXPECT(fd < 0 || read(fd, buf, 1) < 0);
			EXPECT_EQ(errno, EACCES);
		}
		EXPECT(mapping_at(page).perms[0] == 'r');
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(v4_kill, "V4 a read of millions of records stops no process")
{
	enum { MUCH = 64 << 20 }; /* bytes */
	struct peer c;

	need_tine("may be as slow as it likes");
	if (fork_peer(&c) == 0) {
		int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
		char *buf = pages_new(MUCH / PG);

		peer_post(&c);
		while (pread(fd, buf, MUCH, 0) > 0)
			;
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(kill(c.pid, SIGKILL), 0);
	/*
	 * If the child read on, the test would hang and be ended from outside.
	 */
	EXPECT_KILLED(c.pid, SIGKILL);
}

/* Maps a file and unmaps it, and shares pages and breaks them, again and again. */
static void __attribute__((noreturn)) change_pages(int fd)
{
	char *own = pages_new(16);

	for (;;) {
		char *p = mmap(NULL, 16 * PG, PROT_READ, MAP_PRIVATE, fd, 0);
		pid_t pid;

		REQUIRE(p != MAP_FAILED);
		for (unsigned i = 0; i < 16; i++)
			peek(p + i * PG);
		munmap(p, 16 * PG);
		pid = fork();
		if (pid == 0) {
			pause();
			_exit(0);
		}
		pages_fill(own, 16, 'w');
		if (pid > 0) {
			kill(pid, SIGKILL);
			(void)waitpid(pid, NULL, 0);
		}
	}
}

UTEST(v7, "V7 figures of a process are read while its pages come and go")
{
	static const char *const files[] = { "stat", "statm", "oom_score" };
	int fd = temp_file_of('f', 16 * PG);
	char path[64], text[512];
	pid_t pid;

	need_tine("asks for nothing that Linux could answer otherwise");
	pid = utest_fork();
	if (pid == 0)
		change_pages(fd);
	for (unsigned i = 0; i < 3 * utest_rounds(20000); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i % 3]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		EXPECT(fd >= 0 && read(fd, text, sizeof(text)) > 0);
		close(fd);
	}
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_KILLED(pid, SIGKILL);
}

UTEST(v5, "V5 the audit is clean at any moment while file pages are mapped")
{
	static char text[16 * PG];
	int fd = temp_file_of('f', sizeof(text));
	_Atomic unsigned *over = shared_new(1);
	unsigned clean = 0;
	pid_t pid;

	need_tine("has no audit");
	memset(text, 'f', sizeof(text));
	pid = utest_fork();
	if (pid == 0) {
		while (!*over) {
			char *p = mmap(NULL, 16 * PG, PROT_READ | PROT_EXEC,
				       MAP_SHARED, fd, 0);

			/* Fresh frames: every hart must fetch the code anew. */
			REQUIRE(p != MAP_FAILED);
			REQUIRE(ftruncate(fd, 0) == 0);
			REQUIRE(pwrite(fd, text, sizeof(text), 0) ==
				sizeof(text));
			for (unsigned i = 0; i < 16; i++)
				EXPECT_EQ(peek(p + i * PG), 'f');
			munmap(p, 16 * PG);
		}
		utest_done();
	}
	/*
	 * While a space is being changed the audit does nothing, and says so.
	 */
	for (unsigned i = 0; i < 1000 && clean < utest_rounds(200); i++) {
		char said[128] = "";
		int audit = open("/proc/mm/audit", O_RDONLY | O_CLOEXEC);

		REQUIRE(read(audit, said, sizeof(said) - 1) > 0);
		close(audit);
		clean += strncmp(said, "ok", 2) == 0;
		if (strncmp(said, "ok", 2) != 0 &&
		    !EXPECT(strstr(said, "is locked for writing") != NULL))
			utest_note("%s", said);
	}
	EXPECT(clean >= utest_rounds(100));
	*over = 1;
	EXPECT_CLEAN(pid);
}

UTEST(v6, "V6 maps: each mapping's rights, place in its file, and path")
{
	char dir[] = "/tmp/look.XXXXXX", here[PATH_MAX], want[PATH_MAX + 16];
	struct mapping m;
	struct stat st;
	char *p, *block;
	int fd, other;

	REQUIRE(mkdtemp(dir) != NULL && chdir(dir) == 0);
	REQUIRE(getcwd(here, sizeof(here)) != NULL);
	fd = open("two\nlines", O_CREAT | O_RDWR, 0600);
	REQUIRE(fd >= 0 && ftruncate(fd, 3 * PG) == 0 && fstat(fd, &st) == 0);
	p = mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 2 * PG);
	REQUIRE(p != MAP_FAILED);
	m = mapping_at(p);
	EXPECT(strcmp(m.perms, "r--p") == 0);
	EXPECT_EQ(m.offset, 2 * PG);
	EXPECT_EQ(m.ino, st.st_ino);
	EXPECT_EQ(makedev(m.major, m.minor), st.st_dev);
	snprintf(want, sizeof(want), "%s/two\\012lines", here);
	EXPECT(strcmp(m.name, want) == 0);
	/* Each has its own, whatever lies between. */
	block = mmap(NULL, 5 * PG, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		     0);
	other = open("other", O_CREAT | O_RDWR, 0600);
	REQUIRE(block != MAP_FAILED && other >= 0 && ftruncate(other, PG) == 0);
	for (int i = 0; i < 5; i += 2)
		REQUIRE(mmap(block + i * PG, PG, PROT_READ,
			     MAP_PRIVATE | MAP_FIXED, i == 2 ? other : fd,
			     0) == block + i * PG);
	for (int i = 0; i < 5; i++) {
		m = mapping_at(block + i * PG);
		EXPECT_EQ(strlen(m.name) > 0, i % 2 == 0);
		if (i % 2 == 0)
			EXPECT_EQ(strstr(m.name, "/other") != NULL, i == 2);
	}
	/* The path is where the file is now. */
	REQUIRE(rename("two\nlines", "one") == 0);
	snprintf(want, sizeof(want), "%s/one", here);
	EXPECT(strcmp(mapping_at(p).name, want) == 0);
	REQUIRE(unlink("one") == 0);
	m = mapping_at(p);
	EXPECT(strlen(m.name) > 10);
	EXPECT(strcmp(m.name + strlen(m.name) - 10, " (deleted)") == 0);
	REQUIRE(unlink("other") == 0 && rmdir(here) == 0);
}
