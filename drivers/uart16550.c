/* SPDX-License-Identifier: MIT */
/*
 * drivers/uart16550.c - the driver of the 16550 UART.
 *
 * Output goes through a ring.  pump() moves bytes from the ring to the device
 * while the device has room, and enables the transmit interrupt only if bytes
 * are left.  That is rare on QEMU: its transmitter is nearly always empty.
 * Input causes interrupts; each byte is passed to the receiver.
 *
 * One UART is used: the UART that stdout-path names, or the first UART if there
 * is no stdout-path.  Nothing is allocated.  uart.lock guards the ring and the
 * transmitter.  It may be acquired with any other lock held, and no lock is
 * acquired under it.
 */
#include "drivers/uart.h"

#include "arch/hart.h"
#include "arch/mmio.h"
#include "drivers/driver.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/spinlock.h"
#include "kernel/time.h"
#include "lib/errno.h"

/* Registers, before reg-shift. */
#define REG_DATA 0 /* read: received byte; write: byte to send */
#define REG_IER	 1
#define REG_FCR	 2 /* write */
#define REG_LCR	 3
#define REG_MCR	 4
#define REG_LSR	 5

#define IER_RECEIVE   0x01u
#define IER_TRANSMIT  0x02u
#define FCR_ENABLE    0x01u /* with an interrupt at the first byte */
#define FCR_CLEAR_OUT 0x04u /* received input is kept */
#define LCR_8N1	      0x03u
#define MCR_DTR_RTS   0x0bu /* with OUT2, which connects the interrupt line */
#define LSR_DATA      0x01u
#define LSR_THR_EMPTY 0x20u

#define FIFO_SIZE   16u	  /* bytes that an empty device accepts */
#define RING_SIZE   4096u /* a power of two */
#define INPUT_BATCH 64u	  /* most bytes read in one interrupt */
#define STUCK_AFTER (3 * NSEC_PER_SEC)
#define STUCK_POLLS 100000u

static struct {
	volatile char *regs;   /* [i] NULL: no UART */
	uint32_t shift, width; /* [i] */
	struct spinlock lock;
	uint8_t ier;		 /* [lock] the value of IER */
	uint32_t head, tail;	 /* [lock] bytes ever queued, ever sent */
	char ring[RING_SIZE];	 /* [lock] */
	void (*receive)(char c); /* [i] once input interrupts are on */
} uart = { .lock = SPINLOCK_INIT(LOCK_UART) };

static uint8_t
reg_read(unsigned reg)
{
	volatile char *at = uart.regs + ((size_t)reg << uart.shift);

	return uart.width == 4 ? (uint8_t)mmio_read32(at) : mmio_read8(at);
}

static void
reg_write(unsigned reg, uint8_t value)
{
	volatile char *at = uart.regs + ((size_t)reg << uart.shift);

	if (uart.width == 4)
		mmio_write32(at, value);
	else
		mmio_write8(at, value);
}

/* Enable or disable interrupt causes. */
static void
set_ier(uint8_t ier)
{
	requires_lock(&uart.lock);
	if (ier != uart.ier)
		reg_write(REG_IER, ier);
	uart.ier = ier;
}

/* Send bytes from the ring while the device accepts them. */
static void
pump(void)
{
	requires_lock(&uart.lock);
	while (uart.tail != uart.head &&
	       (reg_read(REG_LSR) & LSR_THR_EMPTY) != 0) {
		for (unsigned i = 0; i < FIFO_SIZE && uart.tail != uart.head;
		     i++)
			reg_write(REG_DATA,
				  (uint8_t)uart.ring[uart.tail++ % RING_SIZE]);
	}
	if (uart.tail != uart.head)
		set_ier(uart.ier | IER_TRANSMIT);
	else
		set_ier(uart.ier & (uint8_t)~IER_TRANSMIT);
}

void
uart_write(const char *bytes, size_t n)
{
	if (uart.regs == NULL) {
		machine_early_print(bytes, n);
		return;
	}
	spin_lock(&uart.lock);
	for (size_t i = 0; i < n; i++) {
		while (uart.head - uart.tail == RING_SIZE)
			pump();
		uart.ring[uart.head++ % RING_SIZE] = bytes[i];
	}
	pump();
	spin_unlock(&uart.lock);
}

/* Wait until the transmitter is empty.  False: the deadline has passed. */
static bool
wait_empty(uint64_t deadline)
{
	for (unsigned polls = 0;; polls++) {
		if ((reg_read(REG_LSR) & LSR_THR_EMPTY) != 0)
			return true;
		if (polls > STUCK_POLLS && time_now() > deadline)
			return false;
		cpu_relax();
	}
}

/*
 * Send a byte when the transmitter is empty.  False: the deadline has passed.
 */
static bool
send_now(char c, uint64_t deadline)
{
	if (!wait_empty(deadline))
		return false;
	reg_write(REG_DATA, (uint8_t)c);
	return true;
}

static void
print(const char *text, size_t n, uint64_t deadline)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n' && !send_now('\r', deadline))
			return;
		if (!send_now(text[i], deadline))
			return;
	}
}

void
uart_print(const char *text, size_t n)
{
	uint64_t deadline;

	if (uart.regs == NULL) {
		machine_early_print(text, n);
		return;
	}
	deadline = time_now() + STUCK_AFTER;
	spin_lock(&uart.lock);
	while (uart.tail != uart.head && wait_empty(deadline))
		pump();
	if (uart.tail == uart.head)
		print(text, n, deadline);
	spin_unlock(&uart.lock);
}

/*
 * Pass received bytes to the receiver.  If more than INPUT_BATCH bytes are
 * waiting, the device interrupts again.
 */
static void
receive_input(void)
{
	for (unsigned i = 0; i < INPUT_BATCH; i++) {
		if ((reg_read(REG_LSR) & LSR_DATA) == 0)
			break;
		uart.receive((char)reg_read(REG_DATA));
	}
}

/*
 * The interrupt controller delivers the source to one hart at a time, so input
 * needs no lock, and the receiver may call uart_write() for an echo.
 */
static void
uart_interrupt(void *arg)
{
	if (uart.receive != NULL)
		receive_input();
	spin_lock(&uart.lock);
	pump();
	spin_unlock(&uart.lock);
}

void
uart_set_receiver(void (*receive)(char c))
{
	if (uart.regs == NULL)
		return;
	spin_lock(&uart.lock);
	uart.receive = receive;
	set_ier(uart.ier | IER_RECEIVE);
	spin_unlock(&uart.lock);
}

/* Is this the UART of stdout-path, or is there no stdout-path? */
static bool
is_console(const struct fdt_node *n)
{
	struct fdt_node wanted;

	return !fdt_stdout(n->fdt, &wanted) ||
	       wanted.path[wanted.depth] == n->path[n->depth];
}

static int
uart_probe(const struct fdt_node *n)
{
	uint32_t shift = 0, width = 1;
	volatile char *regs;
	paddr_t pa;
	int err;

	(void)fdt_u32(n, "reg-shift", &shift);
	(void)fdt_u32(n, "reg-io-width", &width);
	if (uart.regs != NULL || !is_console(n))
		return -ENODEV;
	if (shift > 8 || (width != 1 && width != 4) ||
	    (UINT32_C(1) << shift) < width)
		return -EINVAL;
	regs = driver_map(n, 0, UINT64_C(8) << shift, &pa);
	if (regs == NULL)
		return -ENOMEM;
	err = irq_register(driver_irq(n), uart_interrupt, NULL);
	if (err != 0)
		return err;
	uart.shift = shift;
	uart.width = width;
	uart.regs = regs;
	reg_write(REG_IER, 0);
	reg_write(REG_LCR, LCR_8N1);
	reg_write(REG_FCR, FCR_ENABLE | FCR_CLEAR_OUT);
	reg_write(REG_MCR, MCR_DTR_RTS);
	log_set_console(uart_print);
	log_info("uart: 16550 at %#lx, interrupt %u", pa, driver_irq(n));
	return 0;
}

static const char *const uart_names[] = { "ns16550a", "ns16550", NULL };

static const struct driver uart_driver = {
	.name = "uart",
	.compatible = uart_names,
	.stage = DRIVER_CONSOLE,
	.probe = uart_probe,
};

DRIVER(uart_driver);
