/* SPDX-License-Identifier: MIT */
/*
 * kernel/main.c - boot the kernel: from its first C function to the first
 * program.
 *
 * This is the only file of kernel/ that includes headers of the rooms above: it
 * calls each room's init function once.  Every step that could hang logs a line
 * first.  entry.S calls kernel_boot() on the boot hart.  kernel_boot() sets up
 * memory without threads and continues in hart_main(); the first thread,
 * boot_rest(), sets up devices, the other harts and the file systems, and
 * starts the first program.  If a required step fails, the boot panics; other
 * failures are logged.
 */
#include "arch/clock.h"
#include "arch/irq.h"
#include "arch/kstack.h"
#include "arch/machine.h"
#include "arch/riscv/clock.h"
#include "arch/riscv/kmap.h"
#include "arch/riscv/sbi.h"
#include "arch/riscv/tlb.h"
#include "check/hooks.h"
#include "check/ktest.h"
#include "drivers/driver.h"
#include "drivers/sifive_test.h"
#include "fs/init.h"
#include "kernel/boot.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/random.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "kernel/version.h"
#include "lib/fdt.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/fork/drain.h"
#include "mm/fork/registry.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "mm/user.h"
#include "proc/init.h"
#include "proc/process.h"
#include "tine_config.h"

#define MAX_RANGES 16u

uint64_t boot_instret __attribute__((section(".data"))); /* set by entry.S */

static struct fdt fdt;
static struct thread boot_thread = { .name = "boot" };

/* Called before the first message, so that the log options apply to it. */
static void
read_command_line(void)
{
	char level[8];
	uint64_t n;

	boot_set_command_line(fdt_chosen_string(&fdt, "bootargs"));
	if (boot_option("quiet", level, sizeof(level)))
		log_set_console_level(LOG_WARN);
	if (boot_option("loglevel", level, sizeof(level)) &&
	    str_to_u64(level, &n, NULL) && n <= LOG_DEBUG)
		log_set_console_level((enum log_level)n);
}

const void *
boot_initrd(uint64_t *size)
{
	struct fdt_range r;

	if (!fdt_initrd(&fdt, &r))
		return NULL;
	*size = r.size;
	return phys_to_virt(r.start);
}

/* ---- memory ---- */

/* Find the whole pages of RAM.  Returns the number of ranges. */
static unsigned
find_ram(struct frame_range *ram)
{
	unsigned n = 0;
	struct fdt_range r;

	for (unsigned i = 0; fdt_memory(&fdt, i, &r); i++) {
		paddr_t start = PAGE_UP(r.start);
		paddr_t end = PAGE_DOWN(r.start + r.size);

		if (start >= end)
			continue;
		if (n < MAX_RANGES)
			ram[n++] = (struct frame_range){ start, end };
		else
			log_warn(
				"boot: more than %u ranges of memory: ignoring "
				"%lu KiB at %#lx",
				MAX_RANGES, (end - start) / 1024, start);
	}
	if (n == 0)
		panic("boot: the device tree lists no memory");
	return n;
}

static void
init_memory(paddr_t dtb)
{
	struct frame_range ram[MAX_RANGES], reserved[MAX_RANGES];
	struct phys_range image = kmap_image();
	unsigned nram = find_ram(ram), nres = 0;
	uint64_t asid_bits = ASID_BITS_MAX;
	struct fdt_range r;
	char text[8];

	reserved[nres++] = (struct frame_range){ image.start, image.end };
	reserved[nres++] = (struct frame_range){ dtb, dtb + fdt.size };
	for (unsigned i = 0; fdt_reserved(&fdt, i, &r); i++) {
		if (nres == MAX_RANGES)
			panic("boot: more than %u reserved memory ranges",
			      MAX_RANGES);
		reserved[nres++] =
			(struct frame_range){ r.start, r.start + r.size };
	}
	nres = kasan_take_shadow(ram, nram, reserved, nres, MAX_RANGES);
	kmap_init((const struct phys_range *)ram, nram);
	for (unsigned i = 0; i < nram; i++)
		kasan_init(ram[i].start, ram[i].end);
	frame_init(ram, nram, reserved, nres);
	slab_init();
	if (boot_option("asidbits", text, sizeof(text)))
		(void)str_to_u64(text, &asid_bits, NULL);
	mmu_init((unsigned)MIN(asid_bits, ASID_BITS_MAX));
}

_Static_assert(sizeof(struct frame_range) == sizeof(struct phys_range),
	       "both are a start and an end");

/* ---- harts ---- */

static void
find_harts(uint64_t boot_id)
{
	char text[8];
	uint64_t max = MAX_HARTS;
	struct fdt_cpu cpu;

	if (boot_option("maxharts", text, sizeof(text)) &&
	    str_to_u64(text, &max, NULL))
		max = CLAMP(max, 1, MAX_HARTS);
	if (boot_id > MAX_HART_ID)
		panic("boot: the boot hart has id %lu, the highest is %u",
		      boot_id, MAX_HART_ID);
	harts[0].id = boot_id;
	hart_count = 1;
	for (unsigned i = 0; fdt_cpu(&fdt, i, &cpu); i++) {
		if (cpu.id == boot_id)
			continue;
		if (hart_count >= max || cpu.id > MAX_HART_ID) {
			log_warn("boot: hart %lu ignored: %s", cpu.id,
				 hart_count >= max
					 ? "hart limit reached (maxharts)"
					 : "hart ID too large");
			continue;
		}
		harts[hart_count].index = hart_count;
		harts[hart_count].id = cpu.id;
		hart_count++;
	}
}

static bool
boot_hart_has(uint64_t id, const char *extension)
{
	struct fdt_cpu cpu;

	for (unsigned i = 0; fdt_cpu(&fdt, i, &cpu); i++) {
		if (cpu.id == id)
			return fdt_cpu_has(&cpu, extension);
	}
	return false;
}

/* ---- the steps of the boot ---- */

static void
choose_strategy(void)
{
	char name[32];
	bool given = boot_option("fork", name, sizeof(name));

	if (!fork_registry_init(given ? name : NULL))
		log_error("boot: there is no fork strategy \"%s\"; using %s",
			  name,
			  fork_strategy_name(fork_strategy_default(NULL)));
}

static void
choose_overcommit(void)
{
	char name[32] = "heuristic";

	(void)boot_option("overcommit", name, sizeof(name));
	if (!commit_init(name))
		log_error("boot: there is no overcommit policy \"%s\"; using "
			  "heuristic",
			  name);
}

static void
choose_audit(void)
{
	char word[32];

	if (boot_option("audit", word, sizeof(word)) && !fork_audit_init(word))
		log_error("boot: audit=%s is unknown; only a debug kernel "
			  "accepts audit=fork",
			  word);
}

static const char *
strategy_note(const struct thread *t)
{
	static char text[48];

	str_copy(text, "fork strategy ", sizeof(text));
	str_copy(text + strlen(text), fork_strategy_name(t->space->strategy),
		 sizeof(text) - strlen(text));
	return text;
}

static void
print_banner(unsigned up)
{
	struct frame_stats st;
	const char *whence;
	const struct fork_strategy *fork = fork_strategy_default(&whence);

	frame_get_stats(&st);
	log_info("Tine %s (%s): %u hart%s, %lu MiB RAM (%lu KiB free), fork=%s "
		 "(from the %s)",
		 tine_version, TINE_BUILD, up, up == 1 ? "" : "s",
		 st.total >> (20 - PAGE_SHIFT), st.free * (PAGE_SIZE / 1024),
		 fork_strategy_name(fork), whence);
}

static void
start_init(void)
{
	static char path[128];
	static char *argv[BOOT_ARGS_MAX + 2];
	bool given = boot_option("init", path, sizeof(path));

	argv[0] = path;
	boot_init_args(argv);
	boot_warn_unused_options();
	process_start_init(given ? path : NULL, argv);
}

/* The rest of the boot, in a thread, because drivers and disk I/O sleep. */
static void
boot_rest(void *arg)
{
	char pattern[64];
	struct fdt_prop seed;

	if (fdt_chosen(&fdt, "rng-seed", &seed))
		random_add(seed.data, seed.len);
	log_info("boot: looking for devices");
	drivers_init(&fdt);
	if (hart_count > 1)
		log_info("boot: starting %u more hart%s", hart_count - 1,
			 hart_count == 2 ? "" : "s");
	print_banner(machine_start_harts());
	if (boot_option("ktest", pattern, sizeof(pattern)))
		ktest_run(pattern); /* does not return */
	drain_init();
	log_info("boot: mounting the root file system");
	fs_init();
	start_init();
}

void
hart_main(void)
{
	sched_init_hart();
	if (this_hart() == &harts[0] &&
	    thread_spawn_kernel("boot", boot_rest, NULL) != 0)
		panic("boot: no memory for the first thread");
	timer_hart_busy(false);
	machine_enable_interrupts();
	atomic_store(&this_hart()->online, true);
	sched_idle();
}

static void
init_options(uint64_t hart_id)
{
	uint64_t hz = 10000000;

	if (!fdt_timebase(&fdt, &hz))
		log_warn("boot: no timebase-frequency, assuming 10 MHz");
	clock_init(hz, boot_hart_has(hart_id, "sstc"));
	choose_strategy();
	user_init();
	choose_overcommit();
	choose_audit();
}

void
kernel_boot(uint64_t hart_id, paddr_t dtb)
{
	vaddr_t stack;

	harts[0].id = hart_id;
	harts[0].thread = &boot_thread;
	boot_thread.hart = &harts[0];
	if (!fdt_open(&fdt, phys_to_virt(dtb)))
		panic("boot: no device tree at %#lx", dtb);
	read_command_line();
	log_info("boot: Tine %s on hart %lu", tine_version, hart_id);
	machine_set_exit(sifive_test_exit);
	panic_set_note(strategy_note);
	init_memory(dtb);
	find_harts(hart_id);
	init_options(hart_id);
	stack = kstack_alloc();
	if (stack == 0)
		panic("boot: no memory for a stack");
	harts[0].arch.kernel_sp = stack + KSTACK_SIZE;
	stack_call(stack + KSTACK_SIZE, hart_main);
}
