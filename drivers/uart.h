/*
 * drivers/uart.h - the serial line that is the console.
 *
 * Bytes go out as they are given, except through uart_print().  Without a
 * UART everything falls back to the firmware's console, output only.
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include "lib/base.h"

/*
 * From now on `receive` gets every byte that arrives, from interrupt context
 * with no lock held.  Bytes that arrived before wait in the device.  Process
 * context.
 */
void uart_set_receiver(void (*receive)(char c)) nonnull;

/*
 * Send bytes as they are.  Returns when all are queued or sent: it waits,
 * without sleeping, while the queue is full and the other end takes nothing.
 * Any context.
 */
void uart_write(const char *bytes, size_t n) nonnull;

/*
 * Text for a person, "\n" becoming "\r\n": the kernel's log.  Behind what is
 * queued already, and on the line when it returns - unless the other end takes
 * nothing for seconds, when the rest is dropped.  Any context.
 */
void uart_print(const char *text, size_t n) nonnull;

#endif
