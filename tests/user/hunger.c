/* SPDX-License-Identifier: MIT */
/*
 * tests/user/hunger.c - how a test uses up every page frame; see hunger.h.
 *
 * A read of /dev/zero into unreserved mappings has the kernel take the frames,
 * so the read ends early when none is left and no fault kills the caller.
 * own_program() runs a copy of its loop on a page of its own, since the loop
 * changes the permissions of the code it came from.
 */
#include "utest.h"
#include "hunger.h"

#include <link.h>
#include <sys/auxv.h>
#include <sys/syscall.h>

#if defined(__riscv)

/* mprotect(2) without the C library: its code is what is being changed. */
static inline __attribute__((always_inline)) void
raw_mprotect(uintptr_t at, size_t n, long prot)
{
	register uintptr_t a0 __asm__("a0") = at;
	register size_t a1 __asm__("a1") = n;
	register long a2 __asm__("a2") = prot;
	register long a7 __asm__("a7") = SYS_mprotect;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a7)
			 : "memory");
}

/* Runs as a copy at another address: no calls and no global data. */
static void __attribute__((noinline, aligned(16)))
write_each_page(uintptr_t at, size_t n, long prot)
{
	raw_mprotect(at, n, PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < n; i += PG) {
		volatile char *p = (volatile char *)(at + i);

		*p = *p;
	}
	raw_mprotect(at, n, prot);
}

typedef void (*write_fn)(uintptr_t at, size_t n, long prot);

/* write_each_page() on a page of its own, made once, outside of the program. */
static write_fn
copied_code(void)
{
	enum { CODE_MAX = 256 }; /* bytes, with plenty to spare */
	write_fn here = write_each_page;
	static write_fn there;
	char *code, *from;

	if (there != NULL)
		return there;
	code = pages_new(1);
	memcpy(&from, &here, sizeof(from));
	memcpy(code, from, CODE_MAX);
	REQUIRE(mprotect(code, PG, PROT_READ | PROT_EXEC) == 0);
	__builtin___clear_cache(code, code + CODE_MAX);
	memcpy(&there, &code, sizeof(there));
	return there;
}

void
own_program(void)
{
	const ElfW(Phdr) *ph = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	size_t count = getauxval(AT_PHNUM);
	write_fn write_pages = copied_code();

	for (size_t i = 0; i < count; i++) {
		uintptr_t at = ph[i].p_vaddr & ~(PG - 1);
		uintptr_t end = ph[i].p_vaddr + ph[i].p_memsz;
		long prot = ph[i].p_flags & PF_W ? PROT_READ | PROT_WRITE
						 : PROT_READ | PROT_EXEC;

		if (ph[i].p_type == PT_LOAD)
			write_pages(at, (end - at + PG - 1) & ~(PG - 1), prot);
	}
}

#else

void
own_program(void)
{
	SKIP("knows RISC-V's system calls only");
}

#endif

#define CHUNK	   (16ul << 20)
#define MAX_CHUNKS 512

static char *chunk[MAX_CHUNKS];
static size_t chunks;  /* with eaten pages; the last may be part full */
static size_t in_last; /* eaten pages of the last chunk */

/* Has the kernel write n pages from p on; how many had a frame in the end. */
static size_t
eat_pages(int zero, char *p, size_t n)
{
	ssize_t got = n > 0 ? read(zero, p, n * PG) : 0;

	return got > 0 ? ((size_t)got + PG - 1) / PG : 0;
}

static char *
new_chunk(void)
{
	char *p = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (madvise(p, CHUNK, MADV_DONTFORK) != 0) {
		munmap(p, CHUNK);
		return NULL;
	}
	return p;
}

void
eat(size_t most)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	bool more = true;
	char *p;

	REQUIRE(zero >= 0);
	while (more && chunks < MAX_CHUNKS && (p = new_chunk()) != NULL) {
		chunk[chunks++] = p;
		in_last = eat_pages(zero, p,
				    most < CHUNK / PG ? most : CHUNK / PG);
		most -= in_last;
		more = in_last == CHUNK / PG;
	}
	close(zero);
	REQUIRE(chunks < MAX_CHUNKS);
}

void
give_back(size_t n)
{
	while (n > 0 && chunks > 0) {
		size_t part = in_last < n ? in_last : n;

		in_last -= part;
		n -= part;
		/* Keeps the mapping: taking one apart may need memory. */
		if (part > 0)
			REQUIRE(madvise(chunk[chunks - 1] + in_last * PG,
					part * PG, MADV_DONTNEED) == 0);
		if (in_last == 0 && --chunks > 0)
			in_last = CHUNK / PG;
	}
}
