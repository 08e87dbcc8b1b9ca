/* SPDX-License-Identifier: MIT */
/*
 * tests/host/lib_rename.h - the kernel's string and printf routines under names
 * of their own.
 *
 * A host program can then call both and compare them with libc's.  Included
 * before the routine's source and before its header.
 */
#define memcpy	  k_memcpy
#define memmove	  k_memmove
#define memset	  k_memset
#define memcmp	  k_memcmp
#define memchr	  k_memchr
#define strlen	  k_strlen
#define strnlen	  k_strnlen
#define strcmp	  k_strcmp
#define strncmp	  k_strncmp
#define strchr	  k_strchr
#define strrchr	  k_strrchr
#define strstr	  k_strstr
#define snprintf  k_snprintf
#define vsnprintf k_vsnprintf
