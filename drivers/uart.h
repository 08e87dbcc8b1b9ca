/* SPDX-License-Identifier: MIT */
/*
 * drivers/uart.h - the serial line that is the console.
 *
 * Bytes are sent as given, except by uart_print().  Without a UART all output
 * goes to the firmware's console, and there is no input.
 */
#ifndef DRIVERS_UART_H
#define DRIVERS_UART_H

#include "lib/base.h"

/*
 * From now on receive() is called for each byte that arrives, from interrupt
 * context with no lock held.  Bytes that arrived before wait in the device.
 * Process context.
 */
void uart_set_receiver(void (*receive)(char c)) nonnull;

/*
 * Send bytes as they are.  Returns when all bytes are queued or sent: it spins
 * while the queue is full and the other end takes nothing.  Any context.
 */
void uart_write(const char *bytes, size_t n) nonnull;

/*
 * Send text of the kernel's log, with "\r\n" for "\n", after the bytes that are
 * queued already.  Returns when all is sent; if the other end takes nothing for
 * seconds, the rest is dropped.  Any context.
 */
void uart_print(const char *text, size_t n) nonnull;

#endif
