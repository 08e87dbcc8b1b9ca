# SPDX-License-Identifier: MIT
"""Known bugs, most of them of fork, each as a change to one place, and what must notice it.

A number S1, S2 ... marks a bug that a real first attempt at copy-on-write had.  `words` are those
of ./tine test: the tests that must fail.  QEMU flushes more than it is told to, so it cannot show a
missing flush.  The host build of mm/ shows it: its software TLBs keep all that they may keep.  So
does the oracle of kernel/tlbcheck.h, which also sees what arch/ does.
"""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    bug: str
    path: str
    old: str            # stands once in the file
    new: str
    words: str
    targets: str = ''       # what must be built for them; '': what meson says they depend on


# The parent's leaf, in the loop of fork that shares pages.
FORK_STORES = '\t\tpte_change(parent, at + ((uaddr_t)(from - first) << PAGE_SHIFT),\n\t\t\t   from, e);\n'

MUTANTS = [
    # --- what fork leaves in the two tables
    Mutant('parent-keeps-w', 'fork leaves the parent the right to write', 'mm/fork/dup.c',
           FORK_STORES + '\t\t*to = e;', '\t\t*to = e;', 'fork_a fork=cow harts=1'),
    Mutant('child-keeps-w', 'fork hands the child the right to write (and the parent, too)', 'mm/fork/dup.c',
           '\t\te &= ~PTE_W;\n' + FORK_STORES + '\t\t*to = e;', '\t\t*to = e;', 'fork_a fork=cow harts=1'),
    Mutant('no-flush-after-fork', 'S3: W is withdrawn, the TLB keeps it', 'mm/fork/dup.c',
           '\t\t\ttlb_note_range(d->fc->tb, d->stripped, stop);\n', '', 'tlb_h fork=cow harts=1'),
    Mutant('hole-is-a-page', 'S7: an absent page is taken for one', 'mm/fork/dup.c',
           'if (pte_present(e)) {\n\t\t\t*why', 'if (true) {\n\t\t\t*why', 'fork_a fork=eager harts=1'),
    Mutant('dontfork-ignored', 'MADV_DONTFORK and MADV_WIPEONFORK do nothing', 'mm/fork/dup.c',
           'if (v->flags & (VM_DONTFORK | VM_WIPEONFORK))', 'if (v->flags & 0)', 'table_k fork=cow harts=1'),
    Mutant('pinned-page-shared', 'a page that a device writes is shared like any other', 'mm/fork/dup.c',
           'if (unlikely(frame_pins_in(word) > 0)) {', 'if (false) {', 'mm'),
    Mutant('pin-ignored-by-tables', 'tables are shared although a device writes a page of the space', 'mm/fork/dup.c',
           '\tif (s->npins > 0)\n\t\treturn false;\n', '', 'conform.C18 harts=1'),
    Mutant('pin-without-a-break', 'a page that is only read is pinned while it is shared', 'mm/access.c',
           'pte_valid(*leaf) && may_poke(table, *leaf)', 'pte_valid(*leaf)', 'conform.C17 harts=1'),
    Mutant('live-not-counted', 'a table does not know how many leaves it has', 'mm/fork/dup.c',
           '\t\t\td->dst->table.live++;\n', '', 'fork_a fork=eager harts=1'),
    Mutant('one-strategy-forgets', 'L2: what fork copies at once is empty; what it shares is not', 'mm/fork/dup.c',
           'page_copy(frame_ptr(n), frame_ptr(f));', 'page_zero(frame_ptr(n));', 'differ_l fork=cow harts=1'),
    Mutant('eager-no-freeze', 'copying while other threads write is no snapshot', 'mm/fork/eager.c',
           '\tif (space_threaded(fc->parent))\n\t\tspace_freeze(fc, 0, USER_END);\n', '', 'mm'),
    Mutant('hybrid-copies-beside-threads', 'some pages copied, some shared, while other threads write',
           'mm/fork/hybrid.c', '\tif (space_threaded(fc->parent))\n'
           '\t\treturn space_dup_range(fc, 0, USER_END, DUP_SHARE, NULL);\n', '', 'mm'),

    # --- shortage
    Mutant('failed-fork-leaks-the-child', 'S6: what a failed fork has built stays', 'mm/space.c',
           '\t\tspace_put(fc.child);\n\t\treturn err;', '\t\treturn err;', 'short_f fork=cow harts=1'),
    Mutant('unchecked-copy', 'S14: no memory for the copy of a page is not noticed', 'mm/fault.c',
           'f = frame_alloc(FRAME_MAY_SLEEP);\n\tif (f == NULL)\n\t\treturn -ENOMEM;\n\tpage_zero',
           'f = frame_alloc(FRAME_MAY_SLEEP);\n\tpage_zero', 'regress_oom fork=cow harts=1'),
    Mutant('table-copy-leaks', 'a table copied in part keeps its references when it fails', 'mm/fork/share.c',
           '\t\t\tundo_copy(dst, dst + (at - src));\n', '', 'mm'),
    Mutant('promise-leaks', 'a child gives its promised memory not back', 'mm/space.c',
           '\tchild->committed = promised;\n', '', 'mm'),
    Mutant('fork-asks-at-once', 'M1: under heuristic fork is refused for all promises together', 'mm/space.c',
           'commit_charge_copy(promised)', 'commit_charge(promised)', 'promise_m fork=cow harts=1'),
    Mutant('shared-tables-not-charged', 'Z21: a child is not charged for the tables it shares', 'mm/fork/share.c',
           'return pt_count_named(fc->child, shared) ? 0 : -ENOMEM;', 'return 0;', 'regress_oom fork=ondemand harts=1'),
    Mutant('tables-without-bound', 'Z21: a user may have any number of page tables', 'mm/pt.c',
           'user_charge_most(s->user, USER_TABLES, more)',
           'user_charge(s->user, USER_TABLES, more, UINT64_MAX)', 'regress_oom fork=cow harts=1'),
    Mutant('tables-are-a-shortage', 'Z21: another process ends for a user with too many page tables', 'proc/shortage.c',
           'thread_starved(t) || !pt_may_grow(t->space)', 'thread_starved(t)', 'regress_oom fork=cow harts=1'),
    Mutant('strict-has-no-limit', 'M2: the strict policy refuses nothing', 'mm/commit.c',
           'if (commit_policy() == COMMIT_STRICT &&', 'if (limit == 0 &&', 'promise_m fork=cow harts=1'),
    Mutant('strict-without-promise', 'M4: under strict MAP_NORESERVE makes no promise', 'mm/map.c',
           '\tif (commit_policy() == COMMIT_STRICT)\n\t\tr.flags &= ~VM_NORESERVE;\n', '', 'promise_m fork=cow harts=1'),

    # --- allocating where reclaim must not run; found while there is memory enough
    Mutant('object-under-object', 'an object is allocated with a lock held that reclaim takes', 'mm/vma.c',
           '\tlist_push_back(&obj->vmas, &v->obj_node);\n',
           '\tkfree(kmalloc(16));\n\tlist_push_back(&obj->vmas, &v->obj_node);\n', 'fork_a fork=cow harts=1'),
    Mutant('frame-under-spin', 'a frame is allocated, and perhaps slept for, with a spin lock held', 'mm/pt.c',
           '\t\tf = frame_alloc(FRAME_MAY_SLEEP);\n',
           '\t\tspin_lock(&s->pt_lock);\n\t\tf = frame_alloc(FRAME_MAY_SLEEP);\n\t\tspin_unlock(&s->pt_lock);\n',
           'fork_a fork=cow harts=1'),
    Mutant('stack-under-object', 'a stack is taken with a lock held that reclaim takes', 'proc/task.c',
           '\tt->thread.stack = kstack_alloc();\n',
           '\tstatic struct mutex m = MUTEX_INIT(m, LOCK_OBJECT);\n\n\tmutex_lock(&m);\n'
           '\tt->thread.stack = kstack_alloc();\n\tmutex_unlock(&m);\n', 'fork_a fork=cow harts=1'),
    Mutant('reclaim-writes', 'reclaim writes inodes, and so takes locks of those that allocate', 'fs/inode.c',
           'return prune(false, pages / 4 + 1, unused_count);', 'return prune(true, pages / 4 + 1, unused_count);',
           'regress_oom fork=cow harts=1'),
    Mutant('reclaim-allocates', 'reclaim allocates itself', 'fs/inode.c',
           '\treturn prune(false, pages', '\tkfree(kmalloc(16));\n\treturn prune(false, pages',
           'regress_oom fork=cow harts=1'),
    # --- when memory has run out
    Mutant('all-may-be-ended', 'M6: oom_score_adj of -1000 protects no process', 'proc/shortage.c',
           'p->oom_adj == -OOM_ADJ_MOST;', 'p->oom_adj < -OOM_ADJ_MOST;', 'shortage_m fork=cow harts=1'),
    Mutant('pipes-do-not-count', 'M7: pipes full of bytes do not make a process a victim', 'proc/shortage.c',
           '\t\tc->pages += pipe_pages(c->files);\n', '', 'shortage_m fork=cow harts=1'),
    Mutant('sharer-lives', 'M13: one that shares the memory of a victim goes on', 'proc/shortage.c',
           'if (q->space == s)', 'if (q == p)', 'shortage_m fork=cow harts=1'),
    Mutant('adj-lowered', 'M6: any process may lower oom_score_adj', 'proc/shortage.c',
           '!root && adj < p->oom_adj_least', '!root && adj < -OOM_ADJ_MOST', 'shortage_m fork=cow harts=1'),

    # --- breaking a page
    Mutant('sole-owner-copies', 'S16: the last owner of a page needs memory to write it', 'mm/pt.h',
           'frame_maps_in(word) == 1 && table_is_own(table);', 'false && table_is_own(table);',
           'fork_a fork=cow harts=1'),
    Mutant('two-owners-reuse', 'S17: a page with two owners is taken for one with one', 'mm/pt.h',
           'frame_maps_in(word) == 1 && table_is_own(table);', 'frame_maps_in(word) <= 2 && table_is_own(table);',
           'fork_a fork=cow harts=1'),
    Mutant('text-becomes-writable', 'S1 S10 S20: a fault is repaired without asking the mapping', 'mm/fault.c',
           '\tif (!access_allowed(v, access))\n\t\treturn -EACCES;\n\terr = settle', '\terr = settle', 'fork_b fork=cow harts=1'),
    Mutant('poke-into-the-file', 'Dirty COW: a debugger writes into a page that is not the process\'s own', 'mm/access.c',
           'return (e & PTE_W) != 0 || page_is_own(table, pte_frame(e));', 'return true;', 'foreign_c fork=cow harts=2'),
    Mutant('all-rights', 'S15: what was copied may be executed, whatever the mapping says', 'mm/fault.c',
           'unsigned prot = ft->v->flags & VM_PROT;', 'unsigned prot = (ft->v->flags & VM_PROT) | VM_EXEC;',
           'fork_b fork=cow harts=1'),
    Mutant('zero-page-writable', 'the zero page, which all processes share, is mapped writable', 'mm/fault.c',
           'return install(ft, frame_zero, false);', 'return install(ft, frame_zero, true);', 'fork_a fork=cow harts=1'),
    Mutant('page-not-zeroed', 'new memory holds what another process left', 'mm/fault.c',
           '\tpage_zero(frame_ptr(f));\n\tframe_set_flags(f, FRAME_ANON);', '\tframe_set_flags(f, FRAME_ANON);',
           'usertests_mem fork=cow harts=1'),
    Mutant('no-flush-on-break', 'S18: after a break other threads go on with the old page', 'mm/fault.c',
           '\ttlb_flush_page(ft->s, ft->va);\n', '', 'mm'),
    Mutant('shared-page-copied', 'S31: a write to a shared mapping copies the page', 'mm/fault.c',
           '\t\tif (ft->v->flags & VM_SHARED)\n\t\t\treturn shared_write(ft);\n', '', 'map_d fork=cow harts=1'),
    Mutant('old-page-not-given-back', 'a break leaks the page it replaces', 'mm/fault.c',
           '\tif (old != frame_zero)\n\t\tleaf_put(ft->s, old);\n', '', 'fork_a fork=cow harts=1'),
    Mutant('old-code-fetched', 'a hart executes what was in a frame before', 'mm/fault.c',
           '\tif (prot & VM_EXEC)\n\t\tsync_code(ft, f);\n', '', 'mm'),
    Mutant('code-not-caught-up', 'the same, where another space executed the page first', 'mm/fault.c',
           '\t\tmmu_catch_up_icache(&ft->s->mmu);\n', '', 'mm'),

    # --- the kernel's own accesses
    Mutant('copyout-ignores-w', 'S23 S28: the kernel writes through a leaf without W', 'mm/access.c',
           'PTE_U | (c->right != 0 ? PTE_V | c->right : 0);', 'PTE_U;',
           'copy_c fork=cow harts=1'),
    Mutant('copyin-wraps', 'S25: an address above user space is looked up all the same', 'mm/access.c',
           '\tif (va >= USER_END || ', '\tif (', 'badptr fork=cow harts=1'),

    # --- records of frames
    Mutant('poison-before-the-count', 'S22: a page is filled before it is known to be free', 'mm/frame.h',
           '\tif (frame_drop(f))\n\t\tframe_release', '\tframe_poison(f);\n\tif (frame_drop(f))\n\t\tframe_release',
           'conform.E7 harts=1'),
    Mutant('batch-not-poisoned', 'pages that come back in numbers may be written unnoticed', 'mm/frame.h',
           '\tframe_poison(f);\n\tatomic_store', '\tatomic_store', 'conform.E6 harts=1'),
    Mutant('one-record-too-many', 'S8: the page behind the end of RAM is thought to have a record', 'mm/frame.h',
           '>> PAGE_SHIFT < frame_count;', '>> PAGE_SHIFT <= frame_count;', 'conform.E10 harts=1'),

    Mutant('break-counted-behind-the-ring', 'K9: a copy is counted behind the record of its event', 'mm/fault.c',
           'forkstat_inc(&ft->s->counters, which);', 'ft->s->counters.value[which]++;', 'count_k fork=cow harts=1'),

    # --- shared and detached tables
    Mutant('table-keeps-w', 'a leaf table is shared with writable leaves in it', 'mm/fork/share.c',
           'leaf, e & ~PTE_W);', 'leaf, e);', 'fork_a fork=ondemand harts=1'),
    Mutant('table-copy-keeps-w', 'a copy of a detached table has writable leaves', 'mm/fork/share.c',
           'dst[at - src] = *at & ~PTE_W;', 'dst[at - src] = *at;', 'fork_a fork=lazy harts=1'),
    Mutant('table-copy-takes-no-reference', 'a copied table names frames it has no reference to', 'mm/fork/share.c',
           'if (f != frame_zero && !frame_get(f)) {', 'if (f == NULL) {', 'fork_a fork=ondemand harts=1'),
    Mutant('last-owner-keeps-w', 'a detached table is attached with W on pages that others map', 'mm/fork/share.c',
           'frame_maps_in(frame_word(pte_frame(*leaf))) != 1)', 'false)', 'look fork=lazy harts=1'),

    # --- taking mappings away
    Mutant('page-freed-before-the-flush', 'a page is given back while a hart may still write it', 'mm/pt.c',
           '\t\t\ttlb_put_frame(tb, f);\n', '\t\t\tframe_put(f);\n', 'mm'),
    Mutant('no-flush-on-unmap', 'munmap leaves the TLB what it had', 'mm/pt.c',
           '\t\ttlb_note(tb, at);\n\t\tif (f != frame_zero)', '\t\tif (f != frame_zero)', 'mm'),
    Mutant('no-flush-on-protect', 'mprotect leaves the TLB what it had', 'mm/pt.c',
           '\t\t\t\ttlb_note(tb, at);\n', '', 'mm'),
    Mutant('parked-page-lost', 'PROT_NONE forgets the page', 'mm/pt.h',
           '(prot != 0 ? 0 : PTE_V | PTE_PARKED)', '(prot != 0 ? 0 : PTE_V)', 'mm'),

    # --- flushing: each of these passes without the oracle
    Mutant('share-given-back-before-the-flush', 'a table is another\'s alone while a hart can still walk it', 'mm/fork/share.c',
           'tlb_put_table(tb, t);', 'table_put(s, t);', 'fork_a fork=ondemand harts=1'),
    Mutant('one-page-of-two-flushed', 'a range is flushed as its first page', 'mm/tlb.c',
           'flush_range(tb->space, tb->start, tb->end);', 'flush_range(tb->space, tb->start, tb->start + PAGE_SIZE);',
           'fork_a fork=cow harts=1'),
    Mutant('slot-flushed-as-a-page', 'a table is replaced, and one page flushed', 'mm/tlb.h',
           'tlb_note_range(tb, 0, USER_END);', 'tlb_note_range(tb, 0, PAGE_SIZE);', 'fork_a fork=ondemand harts=1'),
    Mutant('flush-before-break', 'a page is flushed, and then taken away', 'mm/fault.c',
           '\tpte_change(&ft->s->mmu, ft->va, ft->leaf, 0); /* break ... */\n\ttlb_flush_page(ft->s, ft->va);\n',
           '\ttlb_flush_page(ft->s, ft->va);\n\tpte_change(&ft->s->mmu, ft->va, ft->leaf, 0); /* break ... */\n',
           'fork_a fork=cow harts=1'),
    Mutant('next-page-flushed', 'the page behind is flushed', 'arch/riscv/mmu.c',
           'sfence_page(va, asid & ASID_MASK);', 'sfence_page(va + PAGE_SIZE, asid & ASID_MASK);', 'fork_a fork=cow harts=1'),
    Mutant('asid-0-flushed', 'the kernel\'s ASID is flushed, not the program\'s', 'arch/riscv/mmu.c',
           'sfence_page(va, asid & ASID_MASK);', 'sfence_page(va, 0);', 'fork_a fork=cow harts=1'),
    Mutant('asid-0-flushed-elsewhere', 'the same on other harts', 'arch/riscv/mmu.c',
           'one ? PAGE_SIZE : 0, asid & ASID_MASK);', 'one ? PAGE_SIZE : 0, 0);', 'thread_g fork=cow harts=2'),
    Mutant('one-page-flushed-elsewhere', 'other harts flush one page of many', 'arch/riscv/mmu.c',
           'one ? PAGE_SIZE : 0, asid & ASID_MASK);', 'PAGE_SIZE, asid & ASID_MASK);', 'thread_g fork=cow harts=2'),
    Mutant('no-flush-at-switch-in', 'a hart runs a space again with what it had of it', 'arch/riscv/mmu.c',
           '} else if (m->seen[h->index] != gen) {', '} else if (false) {', 'thread_g fork=cow harts=2'),

    # --- stopping
    Mutant('stop-reported-early', 'the first thread that stops tells the parent, others still run', 'proc/deliver.c',
           'p->halted < p->live)', 'false)', 'threads fork=cow harts=4'),

    # --- timers
    Mutant('queued-timer-fires-after-shutdown', 'a timer is taken off its queue, and its firing elsewhere not waited for',
           'kernel/timer.c', '\twhile (__atomic_load_n(&q->firing, __ATOMIC_ACQUIRE) == t)\n\t\tcpu_relax();\n', '', 'timer'),
    Mutant('timer-moves-while-it-fires', 'a timer is queued on one hart while it fires on another', 'kernel/timer.c',
           'if (q == &queues[here] || q->firing == t)', 'if (q == &queues[here])', 'timer'),
    Mutant('timer-starts-after-shutdown', 'fire() starts a timer again that has been stopped', 'kernel/timer.c',
           '__atomic_store_n(&t->hart, TIMER_SHUT, __ATOMIC_RELEASE);', '', 'timer'),
    Mutant('idle-itimer-not-shut-down', 'a process frees its timer unless it is set, though it may fire at this moment',
           'proc/exit.c', '\ttimer_shutdown(&p->itimer);\n', '\tif (p->itimer_at != 0)\n\t\ttimer_shutdown(&p->itimer);\n',
           'badptr fork=cow harts=1'),

    # --- what a user holds, limits, O_PATH
    Mutant('users-unbounded', 'a user may hold as much as it likes', 'mm/user.c',
           'if (likely(n <= limit && old <= limit - n))', 'if (true)', 'usertests_held harts=1'),
    Mutant('root-bounded', 'root, too, has only so many', 'mm/user.c',
           'user_uid(u) == 0 ? UINT64_MAX : user_most[kind]', 'user_most[kind]', 'usertests_held harts=1'),
    Mutant('pipe-pages-uncharged', 'pages in pipes are charged to nothing', 'fs/pipe.c',
           '\tpage = kmalloc(PAGE_SIZE);\n', '\tcommit_release(1);\n\tpage = kmalloc(PAGE_SIZE);\n',
           'usertests_held harts=1'),
    Mutant('pipe-keeps-its-count', 'a pipe that shrinks gives its user nothing back', 'fs/pipe.c',
           '\tpipe_uncharge(p->user, most - count);\n', '', 'usertests_held harts=1'),
    Mutant('names-uncharged', 'names in a tmpfs take nothing', 'fs/tmpdata.c',
           '\tif (pages > 0)\n\t\terr = charge_pages(ts, pages);\n', '', 'usertests_held harts=1'),
    Mutant('path-only-ignored', 'a descriptor of O_PATH does all that others do', 'fs/fd.c',
           'return lookup(fd, FILE_PATH_ONLY);', 'return lookup(fd, 0);', 'limits harts=1'),
    Mutant('lock-inherited', 'what the parent locked is locked in the child', 'mm/vma.c',
           'v->flags & ~VM_LOCKS', 'v->flags', 'limits harts=1'),
    Mutant('lock-counted-twice', 'locking what is locked counts again', 'mm/limit.c',
           'end - start - bytes_in(s, &counts_locked, start, end)', 'end - start', 'limits harts=1'),
    Mutant('locked-discarded', 'MADV_DONTNEED drops locked pages', 'mm/advise.c',
           '(only & ADVISE_UNLOCKED) && (v->flags & VM_LOCKED)', 'false', 'limits harts=1'),
    Mutant('stack-unlimited', 'a stack grows beyond RLIMIT_STACK', 'mm/fault.c',
           'v->end - start > limit ||', 'false ||', 'limits harts=1'),
    Mutant('protect-makes-data', 'mprotect makes as much data as it likes', 'mm/map.c',
           '\terr = limit_check_protect(s, start, end, prot);\n', '\terr = 0;\n', 'limits harts=1'),
    Mutant('truncate-unlimited', 'ftruncate grows a file beyond RLIMIT_FSIZE', 'fs/open.c',
           '\terr = check_growth(inode, size);\n', '\terr = 0;\n', 'limits harts=1'),
]
