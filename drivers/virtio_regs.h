/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_regs.h - the registers of the virtio MMIO transport.
 *
 * Offsets in the register range of a device (Virtual I/O Device specification
 * 1.1, section 4.2.2), for virtio_mmio.c and virtq.c.
 */
#ifndef DRIVERS_VIRTIO_REGS_H
#define DRIVERS_VIRTIO_REGS_H

#define REG_MAGIC	      0x000
#define REG_VERSION	      0x004
#define REG_DEVICE_ID	      0x008
#define REG_FEATURES	      0x010 /* that the device offers */
#define REG_FEATURES_SEL      0x014
#define REG_ACCEPTED	      0x020 /* that the driver accepts */
#define REG_ACCEPTED_SEL      0x024
#define REG_QUEUE_SEL	      0x030
#define REG_QUEUE_NUM_MAX     0x034
#define REG_QUEUE_NUM	      0x038
#define REG_QUEUE_READY	      0x044
#define REG_QUEUE_NOTIFY      0x050
#define REG_IRQ_STATUS	      0x060
#define REG_IRQ_ACK	      0x064
#define REG_STATUS	      0x070
#define REG_QUEUE_DESC	      0x080 /* low half; the high one follows */
#define REG_QUEUE_DRIVER      0x090
#define REG_QUEUE_DEVICE      0x0a0
#define REG_CONFIG_GENERATION 0x0fc
#define REG_CONFIG	      0x100
#define REG_END		      0x200

#endif
