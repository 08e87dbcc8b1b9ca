/* SPDX-License-Identifier: MIT */
/*
 * drivers/uart.h - the serial line that is the console.
 *
 * Bytes are sent unchanged, except by uart_print().  Without a UART all output
 * goes to the firmware's console, and there is no input.
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include "lib/base.h"

/*
 * Enable input: call receive() for each byte that arrives, in interrupt context
 * with no lock held.  Bytes that arrived earlier are still in the device's
 * FIFO.  Process context.
 */
void uart_set_receiver(void (*receive)(char c)) nonnull;

/*
 * Send bytes unchanged.  Returns when all bytes are queued or sent; spins while
 * the queue is full.  Any context.
 */
void uart_write(const char *bytes, size_t n) nonnull;

/*
 * Send text of the kernel's log, with "\r\n" for "\n", after the bytes that are
 * queued already.  Returns when all text is sent; if the device is still not
 * ready three seconds after the call, the rest is dropped.  Any context.
 */
void uart_print(const char *text, size_t n) nonnull;

#endif
