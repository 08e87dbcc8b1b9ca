# SPDX-License-Identifier: MIT
"""Known bugs, most of them of fork, each as a change to one place, and what must notice it.

A number S1, S2 ... marks a bug that a real first attempt at copy-on-write had.  `words` are those
of ./tine test: the tests that must fail.  QEMU flushes more than it is told to, so it cannot show a
missing flush.  The host build of mm/ shows it: its software TLBs keep all that they may keep.  So
does the oracle of check/hooks.h, which also sees what arch/ does.
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
    Mutant('parent-keeps-w', "fork does not clear W in the parent's leaf", 'mm/fork/dup.c',
           FORK_STORES + '\t\t*to = e;', '\t\t*to = e;', 'fork_a fork=cow harts=1'),
    Mutant('child-keeps-w', 'fork keeps W in the leaves of child and parent', 'mm/fork/dup.c',
           '\t\te &= ~PTE_W;\n' + FORK_STORES + '\t\t*to = e;', '\t\t*to = e;', 'fork_a fork=cow harts=1'),
    Mutant('no-flush-after-fork', 'S3: fork clears W but does not flush the TLB', 'mm/fork/dup.c',
           '\t\ttlb_note_range(d->fc->tb, d->stripped, end);\n', '', 'tlb_h fork=cow harts=1'),
    Mutant('hole-is-a-page', 'S7: fork treats an absent page as present', 'mm/fork/dup.c',
           'if (pte_present(e)) {\n\t\t\t*why', 'if (true) {\n\t\t\t*why', 'fork_a fork=eager harts=1'),
    Mutant('dontfork-ignored', 'fork ignores MADV_DONTFORK and MADV_WIPEONFORK', 'mm/fork/dup.c',
           'if (v->flags & (VM_DONTFORK | VM_WIPEONFORK))', 'if (v->flags & 0)', 'table_k fork=cow harts=1'),
    Mutant('pinned-page-shared', 'fork shares a page that is pinned for a device write', 'mm/fork/dup.c',
           'if (unlikely(frame_pins_in(word) > 0)) {', 'if (false) {', 'mm'),
    Mutant('pin-ignored-by-tables', 'fork shares tables of a space with pinned pages', 'mm/fork/dup.c',
           '\tif (s->npins > 0)\n\t\treturn false;\n', '', 'conform.C18 harts=1'),
    Mutant('pin-without-a-break', 'pinning for a read accepts a shared page', 'mm/access.c',
           'pte_valid(*leaf) && may_poke(table, *leaf)', 'pte_valid(*leaf)', 'conform.C17 harts=1'),
    Mutant('live-not-counted', 'table.live is not counted', 'mm/fork/dup.c',
           '\t\t\td->dst->table.live++;\n', '', 'fork_a fork=eager harts=1'),
    Mutant('one-strategy-forgets', 'L2: fork allocates the copies but does not copy the bytes', 'mm/fork/dup.c',
           'page_copy(frame_ptr(n), frame_ptr(f));', 'page_zero(frame_ptr(n));', 'differ_l fork=cow harts=1'),
    Mutant('eager-no-freeze', 'eager fork does not stop other threads, so the copy is no snapshot', 'mm/fork/eager.c',
           '\tif (space_threaded(fc->parent))\n\t\tspace_freeze(fc, 0, USER_END);\n', '', 'mm'),
    Mutant('hybrid-copies-beside-threads', 'fork copies some pages and shares others while other threads write',
           'mm/fork/hybrid.c', '\tif (space_threaded(fc->parent))\n'
           '\t\treturn space_dup_range(fc, 0, USER_END, DUP_SHARE, NULL);\n', '', 'mm'),

    # --- shortage
    Mutant('failed-fork-leaks-the-child', "S6: a failed fork leaks the child's space", 'mm/space.c',
           '\t\tspace_put(fc.child);\n\t\treturn err;', '\t\treturn err;', 'short_f fork=cow harts=1'),
    Mutant('unchecked-copy', 'S14: a failed allocation for a page copy is ignored', 'mm/fault.c',
           'f = frame_alloc(FRAME_MAY_SLEEP);\n\tif (f == NULL)\n\t\treturn -ENOMEM;\n\tpage_zero',
           'f = frame_alloc(FRAME_MAY_SLEEP);\n\tpage_zero', 'regress_oom fork=cow harts=1'),
    Mutant('table-copy-leaks', 'a failed copy of a table leaks the references acquired so far', 'mm/fork/share.c',
           '\t\t\tundo_copy(dst, dst + (at - src));\n', '', 'mm'),
    Mutant('promise-leaks', 'a child does not release its committed memory', 'mm/space.c',
           '\tchild->committed = promised;\n', '', 'mm'),
    Mutant('fork-asks-at-once', 'M1: heuristic overcommit makes fork fail for the sum of all charges', 'mm/space.c',
           'commit_charge_copy(promised)', 'commit_charge(promised)', 'promise_m fork=cow harts=1'),
    Mutant('shared-tables-not-charged', 'Z21: a child is not charged for the tables it shares', 'mm/fork/share.c',
           'return pt_count_named(fc->child, shared) ? 0 : -ENOMEM;', 'return 0;', 'regress_oom fork=ondemand harts=1'),
    Mutant('tables-without-bound', "Z21: the limit on a user's page tables is not checked", 'mm/pt.c',
           'user_charge_most(s->user, USER_TABLES, more)',
           'user_charge(s->user, USER_TABLES, more, UINT64_MAX)', 'regress_oom fork=cow harts=1'),
    Mutant('tables-are-a-shortage', 'Z21: a user at the page-table limit gets another process killed', 'proc/shortage.c',
           'thread_starved(t) || !pt_may_grow(t->space)', 'thread_starved(t)', 'regress_oom fork=cow harts=1'),
    Mutant('strict-has-no-limit', 'M2: strict overcommit checks no limit', 'mm/commit.c',
           'if (commit_policy() == COMMIT_STRICT &&', 'if (limit == 0 &&', 'promise_m fork=cow harts=1'),
    Mutant('strict-without-promise', 'M4: strict overcommit does not charge MAP_NORESERVE mappings', 'mm/map.c',
           '\tif (commit_policy() == COMMIT_STRICT)\n\t\tr.flags &= ~VM_NORESERVE;\n', '', 'promise_m fork=cow harts=1'),

    # --- allocating where reclaim must not run; found while there is memory enough
    Mutant('object-under-object', 'an object is allocated with a lock held that reclaim acquires', 'mm/vma.c',
           '\tlist_push_back(&obj->vmas, &v->obj_node);\n',
           '\tkfree(kmalloc(16));\n\tlist_push_back(&obj->vmas, &v->obj_node);\n', 'fork_a fork=cow harts=1'),
    Mutant('frame-under-spin', 'a frame is allocated, which may sleep, with a spin lock held', 'mm/pt.c',
           '\t\tf = frame_alloc(FRAME_MAY_SLEEP);\n',
           '\t\tspin_lock(&s->pt_lock);\n\t\tf = frame_alloc(FRAME_MAY_SLEEP);\n\t\tspin_unlock(&s->pt_lock);\n',
           'fork_a fork=cow harts=1'),
    Mutant('stack-under-object', 'a stack is allocated with a lock held that reclaim acquires', 'proc/task.c',
           '\tt->thread.stack = kstack_alloc();\n',
           '\tstatic struct mutex m = MUTEX_INIT(m, LOCK_OBJECT);\n\n\tmutex_lock(&m);\n'
           '\tt->thread.stack = kstack_alloc();\n\tmutex_unlock(&m);\n', 'fork_a fork=cow harts=1'),
    Mutant('reclaim-writes', 'reclaim writes inodes, which acquires locks that allocating code holds', 'fs/inode.c',
           'return prune(false, pages / 4 + 1, unused_count);', 'return prune(true, pages / 4 + 1, unused_count);',
           'regress_oom fork=cow harts=1'),
    Mutant('reclaim-allocates', 'reclaim allocates memory', 'fs/inode.c',
           '\treturn prune(false, pages', '\tkfree(kmalloc(16));\n\treturn prune(false, pages',
           'regress_oom fork=cow harts=1'),
    # --- when memory has run out
    Mutant('all-may-be-ended', 'M6: oom_score_adj of -1000 does not protect a process', 'proc/shortage.c',
           'p->oom_adj == -OOM_ADJ_MOST;', 'p->oom_adj < -OOM_ADJ_MOST;', 'shortage_m fork=cow harts=1'),
    Mutant('pipes-do-not-count', 'M7: pages of pipes do not count in the OOM score', 'proc/shortage.c',
           '\t\tc->pages += pipe_pages(c->files);\n', '', 'shortage_m fork=cow harts=1'),
    Mutant('sharer-lives', "M13: a process that shares the victim's space is not killed", 'proc/shortage.c',
           'if (q->space == s)', 'if (q == p)', 'shortage_m fork=cow harts=1'),
    Mutant('adj-lowered', 'M6: any process may lower oom_score_adj', 'proc/shortage.c',
           '!root && adj < p->oom_adj_least', '!root && adj < -OOM_ADJ_MOST', 'shortage_m fork=cow harts=1'),

    # --- breaking a page
    Mutant('sole-owner-copies', 'S16: the last owner of a page copies it instead of reusing it', 'mm/pt.h',
           'frame_maps_in(word) == 1 && table_is_own(table);', 'false && table_is_own(table);',
           'fork_a fork=cow harts=1'),
    Mutant('two-owners-reuse', 'S17: a page with two owners is reused without a copy', 'mm/pt.h',
           'frame_maps_in(word) == 1 && table_is_own(table);', 'frame_maps_in(word) <= 2 && table_is_own(table);',
           'fork_a fork=cow harts=1'),
    Mutant('text-becomes-writable', "S1 S10 S20: the fault handler does not check the mapping's rights", 'mm/fault.c',
           '\tif (!access_allowed(v, access))\n\t\treturn -EACCES;\n\terr = settle', '\terr = settle', 'fork_b fork=cow harts=1'),
    Mutant('poke-into-the-file', 'Dirty COW: a debugger writes into a shared page', 'mm/access.c',
           'return (e & PTE_W) != 0 || page_is_own(table, pte_frame(e));', 'return true;', 'foreign_c fork=cow harts=2'),
    Mutant('all-rights', 'S15: a copied page becomes executable without PROT_EXEC', 'mm/fault.c',
           'unsigned prot = ft->v->flags & VM_PROT;', 'unsigned prot = (ft->v->flags & VM_PROT) | VM_EXEC;',
           'fork_b fork=cow harts=1'),
    Mutant('zero-page-writable', 'the zero page, which all processes share, is mapped writable', 'mm/fault.c',
           'return install(ft, frame_zero, false);', 'return install(ft, frame_zero, true);', 'fork_a fork=cow harts=1'),
    Mutant('page-not-zeroed', 'a new anonymous page is not zeroed', 'mm/fault.c',
           '\tpage_zero(frame_ptr(f));\n\tframe_set_flags(f, FRAME_ANON);', '\tframe_set_flags(f, FRAME_ANON);',
           'usertests_mem fork=cow harts=1'),
    Mutant('no-flush-on-break', 'S18: un-sharing a page does not flush the TLB', 'mm/fault.c',
           '\ttlb_flush_page(ft->s, ft->va);\n', '', 'mm'),
    Mutant('shared-page-copied', 'S31: a write to a shared mapping copies the page', 'mm/fault.c',
           '\t\tif (ft->v->flags & VM_SHARED)\n\t\t\treturn shared_write(ft);\n', '', 'map_d fork=cow harts=1'),
    Mutant('old-page-not-given-back', 'un-sharing leaks the frame it replaces', 'mm/fault.c',
           '\tif (old != frame_zero)\n\t\tleaf_put(ft->s, old);\n', '', 'fork_a fork=cow harts=1'),
    Mutant('old-code-fetched', 'a fault that maps code does not execute fence.i', 'mm/fault.c',
           '\tif (prot & VM_EXEC)\n\t\tsync_code(ft, f);\n', '', 'mm'),
    Mutant('code-not-caught-up', 'fence.i is skipped if another space executed the page first', 'mm/fault.c',
           '\t\tmmu_catch_up_icache(&ft->s->mmu);\n', '', 'mm'),

    # --- the kernel's own accesses
    Mutant('copyout-ignores-w', 'S23 S28: the kernel writes through a leaf without W', 'mm/access.c',
           'PTE_U | (c->right != 0 ? PTE_V | c->right : 0);', 'PTE_U;',
           'copy_c fork=cow harts=1'),
    Mutant('copyin-wraps', 'S25: the fault handler accepts an address above user space', 'mm/access.c',
           '\tif (va >= USER_END || ', '\tif (', 'badptr fork=cow harts=1'),

    # --- records of frames
    Mutant('poison-before-the-count', 'S22: a page is poisoned before its last reference is dropped', 'mm/frame.h',
           '\tif (frame_drop(f))\n\t\tframe_release', '\tframe_poison(f);\n\tif (frame_drop(f))\n\t\tframe_release',
           'conform.E7 harts=1'),
    Mutant('batch-not-poisoned', 'pages freed in a batch are not poisoned', 'mm/frame.h',
           '\tframe_poison(f);\n\tatomic_store', '\tatomic_store', 'conform.E6 harts=1'),
    Mutant('one-record-too-many', 'S8: the page after the end of RAM passes the bounds check of the frame table', 'mm/frame.h',
           '>> PAGE_SHIFT < frame_count;', '>> PAGE_SHIFT <= frame_count;', 'conform.E10 harts=1'),

    Mutant('break-counted-behind-the-ring', 'K9: the counter of a copy is incremented after its trace event', 'mm/fault.c',
           'forkstat_inc(&ft->s->counters, which);', 'ft->s->counters.value[which]++;', 'count_k fork=cow harts=1'),

    # --- shared and detached tables
    Mutant('table-keeps-w', 'a leaf table is shared with writable leaves in it', 'mm/fork/share.c',
           'leaf, e & ~PTE_W);', 'leaf, e);', 'fork_a fork=ondemand harts=1'),
    Mutant('table-copy-keeps-w', 'a copy of a detached table has writable leaves', 'mm/fork/share.c',
           'dst[at - src] = *at & ~PTE_W;', 'dst[at - src] = *at;', 'fork_a fork=lazy harts=1'),
    Mutant('table-copy-takes-no-reference', 'a copied table acquires no references on its frames', 'mm/fork/share.c',
           'if (f != frame_zero && !frame_get(f)) {', 'if (f == NULL) {', 'fork_a fork=ondemand harts=1'),
    Mutant('last-owner-keeps-w', 'a detached table is attached with W on pages that others map', 'mm/fork/share.c',
           'frame_maps_in(frame_word(pte_frame(*leaf))) != 1)', 'false)', 'look fork=lazy harts=1'),

    # --- taking mappings away
    Mutant('page-freed-before-the-flush', 'a frame is freed before the TLB flush', 'mm/pt.c',
           '\t\t\ttlb_put_frame(tb, f);\n', '\t\t\tframe_put(f);\n', 'mm'),
    Mutant('no-flush-on-unmap', 'munmap does not flush the TLB', 'mm/pt.c',
           '\t\ttlb_note(tb, at);\n\t\tif (f != frame_zero)', '\t\tif (f != frame_zero)', 'mm'),
    Mutant('no-flush-on-protect', 'mprotect does not flush the TLB', 'mm/pt.c',
           '\t\t\t\ttlb_note(tb, at);\n', '', 'mm'),
    Mutant('parked-page-lost', 'PROT_NONE drops the page from its leaf', 'mm/pt.h',
           '(prot != 0 ? 0 : PTE_V | PTE_PARKED)', '(prot != 0 ? 0 : PTE_V)', 'mm'),

    # --- flushing: each of these passes without the oracle
    Mutant('share-given-back-before-the-flush', 'a table share is dropped before the TLB flush', 'mm/fork/share.c',
           'tlb_put_table(tb, t);', 'table_put(s, t);', 'fork_a fork=ondemand harts=1'),
    Mutant('one-page-of-two-flushed', 'the flush of a range covers only its first page', 'mm/tlb.c',
           'flush_range(tb->space, tb->start, tb->end);', 'flush_range(tb->space, tb->start, tb->start + PAGE_SIZE);',
           'fork_a fork=cow harts=1'),
    Mutant('slot-flushed-as-a-page', 'replacing a table flushes only one page', 'mm/tlb.h',
           'tlb_note_range(tb, 0, USER_END);', 'tlb_note_range(tb, 0, PAGE_SIZE);', 'fork_a fork=ondemand harts=1'),
    Mutant('flush-before-break', 'a leaf is flushed before it is cleared', 'mm/fault.c',
           '\tpte_change(&ft->s->mmu, ft->va, ft->leaf, 0); /* break ... */\n\ttlb_flush_page(ft->s, ft->va);\n',
           '\ttlb_flush_page(ft->s, ft->va);\n\tpte_change(&ft->s->mmu, ft->va, ft->leaf, 0); /* break ... */\n',
           'fork_a fork=cow harts=1'),
    Mutant('next-page-flushed', 'the flush hits the next page instead', 'arch/riscv/mmu.c',
           'sfence_page(va, asid & ASID_MASK);', 'sfence_page(va + PAGE_SIZE, asid & ASID_MASK);', 'fork_a fork=cow harts=1'),
    Mutant('asid-0-flushed', 'the flush uses the kernel\'s ASID instead of the program\'s', 'arch/riscv/mmu.c',
           'sfence_page(va, asid & ASID_MASK);', 'sfence_page(va, 0);', 'fork_a fork=cow harts=1'),
    Mutant('asid-0-flushed-elsewhere', "the remote flush uses the kernel's ASID instead of the program's", 'arch/riscv/mmu.c',
           'one ? PAGE_SIZE : 0, asid & ASID_MASK);', 'one ? PAGE_SIZE : 0, 0);', 'thread_g fork=cow harts=2'),
    Mutant('one-page-flushed-elsewhere', 'the remote flush covers only one page of the range', 'arch/riscv/mmu.c',
           'one ? PAGE_SIZE : 0, asid & ASID_MASK);', 'PAGE_SIZE, asid & ASID_MASK);', 'thread_g fork=cow harts=2'),
    Mutant('no-flush-at-switch-in', 'a hart switches to a space without the flush it missed', 'arch/riscv/mmu.c',
           '} else if (m->seen[h->index] != gen) {', '} else if (false) {', 'thread_g fork=cow harts=2'),

    # --- stopping
    Mutant('stop-reported-early', 'the parent is notified of a stop before all threads have stopped', 'proc/deliver.c',
           'p->halted < p->live)', 'false)', 'threads fork=cow harts=4'),

    # --- timers
    Mutant('queued-timer-fires-after-shutdown', 'removing a timer does not wait for a handler running on another hart',
           'kernel/timer.c', '\twhile (__atomic_load_n(&q->firing, __ATOMIC_ACQUIRE) == t)\n\t\tcpu_relax();\n', '', 'timer'),
    Mutant('timer-moves-while-it-fires', 'a timer is queued on one hart while it fires on another', 'kernel/timer.c',
           'if (q == &queues[here] || q->firing == t)', 'if (q == &queues[here])', 'timer'),
    Mutant('timer-starts-after-shutdown', 'fire() starts a timer again that has been stopped', 'kernel/timer.c',
           '__atomic_store_n(&t->hart, TIMER_SHUT, __ATOMIC_RELEASE);', '', 'timer'),
    Mutant('idle-itimer-not-shut-down', 'a process frees its timer while the handler may run',
           'proc/exit.c', '\ttimer_shutdown(&p->itimer);\n', '\tif (p->itimers[ITIMER_REAL].at != 0)\n\t\ttimer_shutdown(&p->itimer);\n',
           'badptr fork=cow harts=1'),

    # --- what a user holds, limits, O_PATH
    Mutant('users-unbounded', "a user's limits are not checked", 'mm/user.c',
           'if (likely(n <= limit && old <= limit - n))', 'if (true)', 'usertests_held harts=1'),
    Mutant('root-bounded', "root is subject to the users' limits", 'mm/user.c',
           'user_uid(u) == 0 ? UINT64_MAX : user_most[kind]', 'user_most[kind]', 'usertests_held harts=1'),
    Mutant('pipe-pages-uncharged', 'pages of pipes are not charged', 'fs/pipe.c',
           '\tpage = kmalloc(PAGE_SIZE);\n', '\tcommit_release(1);\n\tpage = kmalloc(PAGE_SIZE);\n',
           'usertests_held harts=1'),
    Mutant('pipe-keeps-its-count', 'shrinking a pipe does not uncharge its user', 'fs/pipe.c',
           '\tpipe_uncharge(p->user, most - count);\n', '', 'usertests_held harts=1'),
    Mutant('names-uncharged', 'names in a tmpfs are not charged', 'fs/tmpdata.c',
           '\tif (pages > 0)\n\t\terr = charge_pages(ts, pages);\n', '', 'usertests_held harts=1'),
    Mutant('path-only-ignored', 'an O_PATH descriptor allows every operation', 'fs/fd.c',
           'return lookup(fd, FILE_PATH_ONLY);', 'return lookup(fd, 0);', 'limits harts=1'),
    Mutant('lock-inherited', 'the child inherits memory locks', 'mm/vma.c',
           'v->flags & ~VM_LOCKS', 'v->flags', 'limits harts=1'),
    Mutant('lock-counted-twice', 'locking locked memory is counted twice', 'mm/limit.c',
           'end - start - bytes_in(s, &counts_locked, start, end)', 'end - start', 'limits harts=1'),
    Mutant('locked-discarded', 'MADV_DONTNEED drops locked pages', 'mm/advise.c',
           '(only & ADVISE_UNLOCKED) && (v->flags & VM_LOCKED)', 'false', 'limits harts=1'),
    Mutant('stack-unlimited', 'a stack grows beyond RLIMIT_STACK', 'mm/fault.c',
           'v->end - start > limit ||', 'false ||', 'limits harts=1'),
    Mutant('protect-makes-data', 'mprotect does not check RLIMIT_DATA', 'mm/map.c',
           '\terr = limit_check_protect(s, start, end, prot);\n', '\terr = 0;\n', 'limits harts=1'),
    Mutant('truncate-unlimited', 'ftruncate grows a file beyond RLIMIT_FSIZE', 'fs/open.c',
           '\terr = check_growth(inode, size);\n', '\terr = 0;\n', 'limits harts=1'),
]
