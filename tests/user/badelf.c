/* SPDX-License-Identifier: MIT */
/*
 * tests/user/badelf.c - execve of files that are not what they say.
 *
 * The call must fail and leave the caller as it was: memory, descriptors,
 * handlers, mask.  The file is made here: headers, a page of code that exits
 * with 7, a page of data with bss.  Linux accepts some of these lies, or
 * notices them only when the caller is already gone; those cases are skipped
 * there.
 */
#include "utest.h"

#include <elf.h>
#include <time.h>

#define BASE	0x400000ul
#define DATA_AT (2 * PG)
#define SIZE	(2 * PG + 64)
#define ALIVE	99 /* exit status of a caller that survived */
#define WORKED	7  /* exit status of the file */

static struct image {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[4];
	char rest[SIZE - sizeof(Elf64_Ehdr) - 4 * sizeof(Elf64_Phdr)];
} img;

static size_t size; /* how much of img goes into the file */
static char path[200];

static void
put_code(void)
{
#if defined(__riscv)
	/* li a0, 7; li a7, 93; ecall */
	static const char code[] = "\x13\x05\x70\x00\x93\x08\xd0\x05"
				   "\x73\x00\x00\x00";
	img.eh.e_machine = EM_RISCV;
	img.eh.e_flags = 5;
#else
	/* mov $7, %edi; mov $60, %eax; syscall */
	static const char code[] = "\xbf\x07\x00\x00\x00\xb8\x3c\x00\x00\x00"
				   "\x0f\x05";
	img.eh.e_machine = EM_X86_64;
#endif
	memcpy((char *)&img + PG, code, sizeof(code) - 1);
}

static void
good_image(void)
{
	memset(&img, 0, sizeof(img));
	memcpy(img.eh.e_ident, ELFMAG, SELFMAG);
	img.eh.e_ident[EI_CLASS] = ELFCLASS64;
	img.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	img.eh.e_ident[EI_VERSION] = EV_CURRENT;
	img.eh.e_type = ET_EXEC;
	img.eh.e_version = EV_CURRENT;
	img.eh.e_entry = BASE + PG;
	img.eh.e_phoff = sizeof(Elf64_Ehdr);
	img.eh.e_ehsize = sizeof(Elf64_Ehdr);
	img.eh.e_phentsize = sizeof(Elf64_Phdr);
	img.eh.e_phnum = 3;
	img.ph[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
				  .p_flags = PF_R,
				  .p_offset = 0,
				  .p_vaddr = BASE,
				  .p_filesz = 512,
				  .p_memsz = 512,
				  .p_align = PG };
	img.ph[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
				  .p_flags = PF_R | PF_X,
				  .p_offset = PG,
				  .p_vaddr = BASE + PG,
				  .p_filesz = 64,
				  .p_memsz = 64,
				  .p_align = PG };
	img.ph[2] = (Elf64_Phdr){ .p_type = PT_LOAD,
				  .p_flags = PF_R | PF_W,
				  .p_offset = DATA_AT,
				  .p_vaddr = BASE + DATA_AT,
				  .p_filesz = 64,
				  .p_memsz = 2 * PG,
				  .p_align = PG };
	put_code();
	size = SIZE;
}

static void
write_file(const void *data, size_t n, mode_t mode)
{
	int fd;

	snprintf(path, sizeof(path), "%s/ut.elf.%d", utest_dir, (int)getpid());
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	REQUIRE(fd >= 0);
	REQUIRE(write(fd, data, n) == (ssize_t)n);
	REQUIRE(close(fd) == 0);
}

/* ---- the caller -------------------------------------------------------- */

static void
on_usr1(int sig)
{
	(void)sig;
}

/* In a child: tries to execute the file; the process must stay unchanged. */
static void
caller(const char *file, int want, int other)
{
	char *argv[] = { "bad", "argument", NULL }, *envp[] = { "A=B", NULL };
	char *p = pages_new(8), *heap = sbrk(PG);
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), err;
	struct sigaction now;
	sigset_t set, got;

	pages_fill(p, 8, 1);
	memset(heap, 'h', PG);
	REQUIRE(signal(SIGUSR1, on_usr1) != SIG_ERR);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	REQUIRE(sigprocmask(SIG_SETMASK, &set, NULL) == 0);
	execve(file, argv, envp);
	err = errno;
	if (err != want && err != other)
		utest_fail(__FILE__, __LINE__, "execve gives %s, not %s",
			   strerrorname_np(err), strerrorname_np(want));
	EXPECT_EQ(pages_wrong(p, 8, 1), 0);
	EXPECT_EQ(bytes_wrong(heap, PG, 'h'), 0);
	EXPECT(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	EXPECT(sigaction(SIGUSR1, NULL, &now) == 0);
	EXPECT(now.sa_handler == on_usr1);
	EXPECT(sigprocmask(SIG_BLOCK, NULL, &got) == 0);
	EXPECT(sigismember(&got, SIGUSR2) && !sigismember(&got, SIGUSR1));
	EXPECT_EQ(raise(SIGUSR1), 0);
	_exit(utest_failures != 0 ? 1 : ALIVE);
}

/* The file is refused with want, or with other where both errors are right. */
static void
refused_as(const char *file, int want, int other, const char *what)
{
	pid_t pid = utest_fork();
	int status;

	if (pid == 0)
		caller(file, want, other);
	status = utest_wait(pid);
	if (status == ALIVE << 8)
		return;
	if (status == WORKED << 8)
		utest_fail(__FILE__, __LINE__, "%s: was executed", what);
	else
		utest_fail(__FILE__, __LINE__,
			   "%s: the caller did not live "
			   "on, status %#x",
			   what, status);
}

/* ---- lies in the headers ----------------------------------------------- */

#define STRICT 1 /* Linux differs: only Tine promises this */

struct lie {
	const char *what;
	void (*tell)(void);
	int flags;
	int also; /* another errno that is right */
};

#define LIE(id, ...)               \
	static void lie_##id(void) \
	{                          \
		__VA_ARGS__;       \
	}

LIE(magic, img.eh.e_ident[1] = 'e')
LIE(class, img.eh.e_ident[EI_CLASS] = ELFCLASS32)
LIE(no_class, img.eh.e_ident[EI_CLASS] = 0)
LIE(endian, img.eh.e_ident[EI_DATA] = ELFDATA2MSB)
LIE(rel, img.eh.e_type = ET_REL)
LIE(core, img.eh.e_type = ET_CORE)
LIE(machine, img.eh.e_machine = EM_MIPS)
LIE(phentsize, img.eh.e_phentsize = 57)
LIE(phentsize0, img.eh.e_phentsize = 0)
LIE(phnum0, img.eh.e_phnum = 0)
LIE(phnum, img.eh.e_phnum = 0xffff)
LIE(phnum_end, img.eh.e_phnum = 200)
LIE(phoff, img.eh.e_phoff = SIZE + 100)
LIE(phoff_end, img.eh.e_phoff = SIZE - 20)
LIE(phoff_wrap, img.eh.e_phoff = -64ul)
LIE(phoff_top, img.eh.e_phoff = 1ul << 63)
LIE(offset_wrap, img.ph[1].p_offset = -PG)
LIE(offset_size, img.ph[1].p_filesz = img.ph[1].p_memsz = -PG)
LIE(offset_far, img.ph[1].p_offset = 1ul << 40)
LIE(offset_past, img.ph[2].p_offset = 16 * PG)
LIE(filesz_past, img.ph[2].p_filesz = 100 * PG; img.ph[2].p_memsz = 100 * PG)
LIE(filesz_memsz, img.ph[2].p_filesz = 64; img.ph[2].p_memsz = 32)
LIE(kernel, img.ph[2].p_vaddr = 0xffffffc080000000)
LIE(kernel_image, img.ph[2].p_vaddr = 0xffffffff80200000)
LIE(boundary, img.ph[2].p_vaddr = (1ul << 38) - PG)
LIE(noncanonical, img.ph[2].p_vaddr = 1ul << 62)
LIE(wrap, img.ph[2].p_vaddr = -PG; img.ph[2].p_memsz = 4 * PG)
LIE(zero, img.ph[2].p_vaddr = 0)
LIE(memsz, img.ph[2].p_memsz = 1ul << 40)
LIE(memsz_wrap, img.ph[2].p_memsz = -BASE)
LIE(same, img.ph[2].p_vaddr = BASE + PG)
LIE(overlap, img.ph[0].p_memsz = 2 * PG)
LIE(align3, img.ph[1].p_align = 3 * PG)
LIE(align7, img.ph[1].p_align = 7)
LIE(congruent, img.ph[2].p_vaddr += 8)
LIE(congruent_at, img.ph[1].p_offset += 16)
LIE(entry0, img.eh.e_entry = 0)
LIE(entry_hole, img.eh.e_entry = BASE + 100 * PG)
LIE(entry_data, img.eh.e_entry = BASE + DATA_AT)
LIE(entry_kernel, img.eh.e_entry = 0xffffffff80200000)
LIE(no_load, img.ph[0].p_type = img.ph[1].p_type = img.ph[2].p_type = PT_NOTE)

static void
interp(const char *name, size_t n)
{
	img.eh.e_phnum = 4;
	img.ph[3] = img.ph[2];
	img.ph[2] = img.ph[1];
	img.ph[1] = img.ph[0];
	img.ph[0] = (Elf64_Phdr){ .p_type = PT_INTERP,
				  .p_flags = PF_R,
				  .p_offset = 400,
				  .p_vaddr = BASE + 400,
				  .p_filesz = n,
				  .p_memsz = n,
				  .p_align = 1 };
	memcpy((char *)&img + 400, name, strlen(name) + 1);
}

LIE(interp, interp("/no/such/interpreter", 21))
LIE(interp_dir, interp("/tmp", 5))
LIE(interp_open, interp("/bin/true", 9))
LIE(interp_empty, interp("", 0))
LIE(interp_long, interp("/bin/true", 5000))
LIE(interp_past, interp("/bin/true", 10); img.ph[0].p_offset = SIZE + PG)

static const struct lie lies[] = {
	{ "wrong magic", lie_magic, 0, 0 },
	{ "32 bits", lie_class, STRICT, 0 },
	{ "no class", lie_no_class, STRICT, 0 },
	{ "big-endian", lie_endian, STRICT, 0 },
	{ "an object file", lie_rel, 0, 0 },
	{ "a core file", lie_core, 0, 0 },
	{ "another machine", lie_machine, 0, 0 },
	{ "e_phentsize 57", lie_phentsize, 0, 0 },
	{ "e_phentsize 0", lie_phentsize0, 0, 0 },
	{ "e_phnum 0", lie_phnum0, 0, 0 },
	{ "e_phnum 65535", lie_phnum, 0, 0 },
	{ "e_phnum beyond the file", lie_phnum_end, 0, 0 },
	{ "e_phoff beyond the file", lie_phoff, 0, 0 },
	{ "e_phoff at the end of the file", lie_phoff_end, 0, 0 },
	{ "e_phoff wraps", lie_phoff_wrap, 0, 0 },
	{ "e_phoff is negative", lie_phoff_top, 0, 0 },
	{ "p_offset wraps", lie_offset_wrap, STRICT, 0 },
	{ "p_offset + p_filesz wraps", lie_offset_size, STRICT, 0 },
	{ "p_offset is far beyond the file", lie_offset_far, STRICT, 0 },
	{ "p_offset is beyond the file", lie_offset_past, STRICT, 0 },
	{ "p_filesz reaches beyond the file", lie_filesz_past, STRICT, 0 },
	{ "p_filesz > p_memsz", lie_filesz_memsz, STRICT, 0 },
	{ "a segment in the kernel's memory", lie_kernel, STRICT, 0 },
	{ "a segment in the kernel's image", lie_kernel_image, STRICT, 0 },
	{ "a segment across the end of the user's half", lie_boundary, STRICT,
	  0 },
	{ "a segment that is not canonical", lie_noncanonical, STRICT, 0 },
	{ "a segment that wraps", lie_wrap, STRICT, 0 },
	{ "a segment at 0", lie_zero, STRICT, 0 },
	{ "p_memsz 2^40", lie_memsz, STRICT, ENOMEM },
	{ "p_vaddr + p_memsz wraps", lie_memsz_wrap, STRICT, 0 },
	{ "two segments at one place", lie_same, STRICT, 0 },
	{ "segments that overlap", lie_overlap, STRICT, 0 },
	{ "p_align 3 pages", lie_align3, STRICT, 0 },
	{ "p_align 7", lie_align7, STRICT, 0 },
	{ "p_vaddr does not fit p_offset", lie_congruent, STRICT, 0 },
	{ "p_offset does not fit p_vaddr", lie_congruent_at, STRICT, 0 },
	{ "entry at 0", lie_entry0, STRICT, 0 },
	{ "entry in a hole", lie_entry_hole, STRICT, 0 },
	{ "entry in data", lie_entry_data, STRICT, 0 },
	{ "entry in the kernel", lie_entry_kernel, STRICT, 0 },
	{ "nothing to load", lie_no_load, STRICT, 0 },
	{ "an interpreter that is missing", lie_interp, 0, ENOENT },
	{ "an interpreter that is a directory", lie_interp_dir, 0, EACCES },
	{ "an interpreter without an end", lie_interp_open, 0, 0 },
	{ "an interpreter without a name", lie_interp_empty, 0, 0 },
	{ "an interpreter with a long name", lie_interp_long, 0, 0 },
	{ "an interpreter beyond the file", lie_interp_past, 0, EIO },
};

static void
tell(bool strict)
{
	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	if (strict)
		need_tine("Linux is laxer, or ends the caller");
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		if (((lies[i].flags & STRICT) != 0) != strict)
			continue;
		good_image();
		lies[i].tell();
		write_file(&img, size, 0755);
		refused_as(path, ENOEXEC, lies[i].also, lies[i].what);
	}
	unlink(path);
}

UTEST(good, "X0 the file that the lies are told about is good")
{
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	good_image();
	write_file(&img, size, 0755);
	pid = utest_fork();
	if (pid == 0)
		caller(path, 0, 0);
	EXPECT_EXIT(pid, WORKED);
	unlink(path);
}

/* n headers, the good ones last, behind everything else in the file. */
static void
write_headers(unsigned n)
{
	static Elf64_Phdr table[2000];
	int fd;

	good_image();
	img.eh.e_phoff = SIZE;
	img.eh.e_phnum = (Elf64_Half)n;
	memset(table, 0, sizeof(table));
	memcpy(table + n - 3, img.ph, 3 * sizeof(*table));
	write_file(&img, size, 0755);
	fd = open(path, O_WRONLY | O_APPEND);
	REQUIRE(write(fd, table, n * sizeof(*table)) ==
		(ssize_t)(n * sizeof(*table)));
	close(fd);
}

UTEST(headers, "X0 as many program headers as Linux takes, and one more")
{
	static const unsigned counts[] = { 9, 65, 600, 1170 };
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		write_headers(counts[i]);
		pid = utest_fork();
		if (pid == 0)
			caller(path, 0, 0);
		EXPECT_EXIT(pid, WORKED);
	}
	write_headers(1171);
	refused_as(path, ENOEXEC, 0, "1171 headers");
	unlink(path);
}

UTEST(lies, "X1 a lying ELF file is refused and the caller lives on")
{
	tell(false);
}

UTEST(strict, "X2 the same, for the lies that Linux does not mind")
{
	tell(true);
}

UTEST(truncated, "X3 a truncated ELF file is refused")
{
	static const size_t sizes[] = {
		0, 1, 2, 4, 15, 16, 17, 52, 63, 64, 65, 120, 176, 231,
	};
	char what[60];

	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	good_image();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		write_file(&img, sizes[i], 0755);
		snprintf(what, sizeof(what), "%zu bytes", sizes[i]);
		refused_as(path, ENOEXEC, 0, what);
	}
	unlink(path);
}

UTEST(truncated_data, "X3 an ELF file without all of its segments is refused")
{
	static const size_t sizes[] = {
		232, 511, PG - 1, PG, PG + 63, 2 * PG, SIZE - 1,
	};
	char what[60];

	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	need_tine("Linux maps what is missing, and the program gets SIGBUS");
	good_image();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		write_file(&img, sizes[i], 0755);
		snprintf(what, sizeof(what), "%zu bytes", sizes[i]);
		refused_as(path, ENOEXEC, 0, what);
	}
	unlink(path);
}

/* ---- random lies ------------------------------------------------------- */

static unsigned
below(unsigned n)
{
	return utest_random() % n;
}

/*
 * Changes bits of a header, or sets one of its fields to a number near a limit.
 */
static void
mutate(void)
{
	static const uint64_t ends[] = {
		0,
		1,
		PG - 1,
		PG,
		SIZE,
		BASE,
		BASE + PG,
		1ul << 31,
		1ul << 32,
		1ul << 38,
		(1ul << 38) - PG,
		1ul << 63,
		-1ul,
		-PG,
		-BASE,
		0xffffffff80200000,
	};
	static const unsigned sizes[] = { 2, 4, 8 };
	unsigned n = sizes[below(3)], at = below((232 - n) / n) * n;
	uint64_t to = ends[below(ARRAY_LEN(ends))] + below(3) - 1;

	switch (below(5)) {
	case 0:
		((char *)&img)[below(232)] ^= (char)(1u << below(8));
		break;
	case 1:
		memcpy((char *)&img + at, &to, n);
		break;
	case 2: /* a field of a program header */
		memcpy((char *)&img.ph[below(3)] + 8 * below(7), &to, 8);
		break;
	case 3: /* the table elsewhere, true or not */
		img.eh.e_phoff = 8 * below((SIZE - sizeof(img.ph)) / 8);
		if (below(2) == 0)
			memmove((char *)&img + img.eh.e_phoff, img.ph,
				sizeof(img.ph));
		break;
	default: /* the code itself, or what is behind the headers */
		((char *)&img)[232 + below(SIZE - 232)] ^= (char)below(256);
		((char *)&img)[PG + below(16)] ^= (char)(1u << below(8));
	}
}

/*
 * Waits for the child's end, or kills it when it runs for too long; its status.
 */
static int
outcome(pid_t pid)
{
	struct timespec pause = { 0, 1000000 };
	int status = 0;

	for (int i = 0; i < 50 && waitpid(pid, &status, WNOHANG) == 0; i++) {
		nanosleep(&pause, NULL);
		if (i == 20)
			kill(pid, SIGKILL);
		if (i == 49) /* it must end now, or the machine is silent */
			return utest_wait(pid);
	}
	return status;
}

/* Executes the file at path; the status of a process that survives it. */
static int
run_file(void)
{
	char *argv[] = { "x", NULL };
	pid_t pid = utest_fork();

	if (pid == 0) {
		/* Wild code may make calls: without rights, in its own group. */
		setsid();
		close_range(0, ~0u, 0);
		if (setresgid(1000, 1000, 1000) != 0 ||
		    setresuid(1000, 1000, 1000) != 0)
			_exit(1);
		execve(path, argv, argv);
		_exit(errno == 0 ? 1 : ALIVE);
	}
	return outcome(pid);
}

UTEST(fuzz, "X4 random changes of a program file never hurt the system")
{
	unsigned worked = 0, alive = 0, rounds = utest_rounds(600);
	long bytes = -1;

	need_tine("wild code may do anything to this computer");
	for (unsigned i = 0; i < rounds; i++) {
		unsigned changes = 1 + below(3);
		int status;

		/* The first round makes pages of this process its own. */
		if (i < 2 || i % 500 == 0) {
			utest_note("round %u of %u", i, rounds);
			bytes = i < 2 ? free_bytes() : bytes;
		}
		good_image();
		while (changes-- > 0)
			mutate();
		if (below(10) == 0)
			size = below(SIZE + 1);
		write_file(&img, size, 0755);
		status = run_file();
		worked += status == WORKED << 8;
		alive += status == ALIVE << 8;
	}
	unlink(path);
	utest_note("%u of %u still worked, %u were refused", worked, rounds,
		   alive);
	EXPECT(worked > 0 && alive > 0);
	EXPECT_FREE(bytes);
	EXPECT_AUDIT();
}

UTEST(fuzz_script, "X4 random first lines of a script never hurt the system")
{
	static const char *const parts[] = {
		"#!",	     "#!",
		"/bin/true", "/bin/sh",
		" ",	     "\t",
		"\n",	     "\r",
		"-c",	     "/",
		"",	     "/tmp",
		"x",	     "\x7f\x45\x4c\x46",
		"\xff",
	};
	unsigned alive = 0, rounds = utest_rounds(300);
	static char text[2 * PG];
	long bytes = -1;

	need_tine("a random script may do anything to this computer");
	for (unsigned i = 0; i < rounds; i++) {
		unsigned n = 2 + below(6);
		size_t len = 2;

		if (i < 2)
			bytes = free_bytes();
		memcpy(text, "#!", 2);
		while (n-- > 0) {
			const char *p = parts[below(ARRAY_LEN(parts))];
			size_t pad = below(8) == 0 ? below(PG / 4) : 0;

			memset(text + len, "/ \0x"[below(4)], pad);
			len += pad;
			memcpy(text + len, p, strlen(p));
			len += strlen(p);
		}
		if (below(4) == 0)
			text[below((unsigned)len)] ^= (char)(1u << below(8));
		write_file(text, len, 0755);
		alive += run_file() == ALIVE << 8;
	}
	unlink(path);
	utest_note("%u of %u were refused", alive, rounds);
	EXPECT(alive > 0);
	EXPECT_FREE(bytes);
	EXPECT_AUDIT();
}

/* ---- files that are no ELF files --------------------------------------- */

static void
script(const char *text, int want, int other, const char *what)
{
	write_file(text, strlen(text), 0755);
	refused_as(path, want, other, what);
	unlink(path);
}

UTEST(scripts, "X5 scripts without a usable interpreter are refused")
{
	char text[700];

	script("#!\n", ENOEXEC, 0, "no interpreter");
	script("#!", ENOEXEC, EACCES, "no interpreter and no end");
	script("#!  \t \n", ENOEXEC, 0, "blanks for an interpreter");
	script("#!/no/such/file\n", ENOENT, 0, "interpreter missing");
	script("#!/no/such/file", ENOENT, 0, "interpreter missing, no end");
	script("#!/tmp\n", EACCES, 0, "interpreter is a directory");
	script("#!/dev/null\n", EACCES, 0, "interpreter is a device");
	script("echo hello\n", ENOEXEC, 0, "no #!");
	memset(text, '/', sizeof(text) - 1);
	memcpy(text, "#!", 2);
	text[sizeof(text) - 1] = '\0';
	script(text, ENOEXEC, 0, "interpreter's name too long");
	/* An interpreter that is a script, which is its own interpreter. */
	snprintf(text, sizeof(text), "#!%s/ut.elf.%d\n", utest_dir,
		 (int)getpid());
	script(text, ELOOP, 0, "recursion");
}

UTEST(kinds, "X6 things that are no program files are refused")
{
	char name[200], below[220];

	good_image();
	write_file(&img, size, 0644);
	refused_as(path, EACCES, 0, "no permission to execute");
	snprintf(below, sizeof(below), "%s/x", path);
	refused_as(below, ENOTDIR, 0, "below a file");
	unlink(path);
	refused_as(path, ENOENT, 0, "missing");
	refused_as("", ENOENT, 0, "empty name");
	refused_as("/tmp", EACCES, EISDIR, "directory");
	refused_as("/dev/null", EACCES, 0, "device");
	snprintf(name, sizeof(name), "%s/ut.loop.%d", utest_dir, (int)getpid());
	REQUIRE(symlink(name, name) == 0);
	refused_as(name, ELOOP, 0, "symbolic link to itself");
	unlink(name);
}
