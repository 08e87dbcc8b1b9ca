# SPDX-License-Identifier: MIT
"""The cases of run.py: what each tool is asked, and how its answer is judged.

same(...)   the host's tool of that name is the judge: standard output, success
            or failure, and the files left behind must be the same
fails(...)  the exit status and the text on standard error are stated here, and
            standard output must be empty (or as stated)
own(...)    as fails, for success: output and files are stated here

Every case runs in a fresh copy of the folder that run.make_fixture() builds.
"""

SAME, OWN = [], []


def same(tool, *args, stdin='', squeeze=False, sort=False, host=None, host_args=None, drop=None):
    """squeeze: any run of blanks is one; sort: the order of lines is free;
    host, host_args: the judge, where it is called otherwise; drop: a regular
    expression of what is cut out of both outputs."""
    SAME.append(dict(tool=tool, args=list(args), stdin=stdin, squeeze=squeeze, sort=sort,
                     host=host or tool, host_args=list(host_args if host_args is not None else args),
                     drop=drop))


def fails(tool, *args, status, says, stdin='', out='', stdout_full=False):
    OWN.append(dict(tool=tool, args=list(args), stdin=stdin, status=status, says=says, out=out,
                    full=stdout_full, gone=(), there=()))


def own(tool, *args, out='', stdin='', gone=(), there=()):
    OWN.append(dict(tool=tool, args=list(args), stdin=stdin, status=0, says='', out=out, full=False,
                    gone=gone, there=there))


TOOLS = ('cat chmod clear cp cut date df echo env forkctl forkdemo free grep halt head hexdump id kill less ln '
         'ls mkdir mkfifo mount mv poweroff ps pwd reboot resize rm rmdir seq sleep sort stty su sync tail tee time touch '
         'umount uname uniq wc which yes').split()
WRITERS = (('cat', 'a.txt'), ('echo', 'x'), ('seq', '3'), ('ls',), ('head', 'a.txt'), ('tail', 'a.txt'),
           ('wc', 'a.txt'), ('grep', 'a', 'a.txt'), ('sort', 'a.txt'), ('less', 'a.txt'), ('hexdump', 'a.txt'), ('pwd',),
           ('uname',), ('uniq', 'a.txt'), ('which', 'sh'), ('date',), ('env',), ('cut', '-c1', 'a.txt'), ('kill', '-l'), ('free',), ('ps',), ('clear',), ('yes',))
NO_ARGS = 'chmod cp cut grep kill ln mkdir mkfifo mv rm rmdir seq sleep time touch umount which forkctl'.split()
MISSING = 'No such file or directory'
FOLDER = 'Is a directory'
NO_FOLDER = 'Not a directory'

# --- What all of them share.
for tool in TOOLS:
    own(tool, '--help', out='/usage: ' + tool)
    if tool != 'echo':
        fails(tool, '--no-such-option', status=2, says='usage: ' + tool)
for tool in NO_ARGS:
    fails(tool, status=2, says='usage: ' + tool)
for words in WRITERS:
    fails(*words, status=2 if words[0] in ('grep', 'sort') else 1,
          says='write error: No space left on device', stdout_full=True)
for words in (('cat',), ('wc',), ('head',), ('tail',), ('hexdump',)):
    fails(*words, 'nowhere', status=1, says=f'{words[0]}: nowhere: {MISSING}')
    fails(*words, 'a.txt/x', status=1, says=f'{words[0]}: a.txt/x: {NO_FOLDER}')
    fails(*words, 'd', status=1, says=f'{words[0]}: d: {FOLDER}')
for words in (('sort',), ('grep', 'x')):
    fails(*words, 'nowhere', status=2, says=f'{words[0]}: nowhere: {MISSING}')

# --- Text in, text out.
for tool in ('cat', 'wc', 'sort', 'head', 'tail', 'hexdump'):
    for files in ((), ('-',), ('a.txt',), ('empty',), ('b.txt', 'a.txt'), ('a.txt', '-', 'b.txt'),
                  ('bin',), ('big',), ('a.txt', 'nowhere', 'b.txt'), ('sp ace',)):
        if 'nowhere' in files and tool == 'sort':
            continue    # GNU's sort then prints nothing at all
        if 'bin' in files and tool == 'wc':
            continue    # GNU's has words of printable characters only, POSIX's of any
        if '-' in files and tool == 'hexdump':
            continue    # BSD's hexdump has no name for standard input
        if tool in ('head', 'tail') and '-' in files and len(files) == 1:
            same(tool, *files, stdin='s1\ns2')
            continue
        same(tool, *files, stdin='from standard input\nand more')
same('cat', '-n', 'a.txt', 'b.txt')
same('cat', '-n', stdin='x\n\ny')
for letters in ('l', 'w', 'c', 'lw', 'wc', 'lc', 'lwc'):
    same('wc', '-' + letters, 'a.txt')
    same('wc', '-' + letters, 'a.txt', 'b.txt', 'num.txt')
    same('wc', '-' + letters, stdin='one two\n three\n')
for tool in ('head', 'tail'):
    for n in ('0', '1', '3', '20', '19', '100'):
        same(tool, '-n', n, 'b.txt')
        same(tool, '-c', n, 'b.txt')
        if n != '0':    # GNU's tail then leaves the headings out too
            same(tool, '-n', n, 'a.txt', 'b.txt')
    same(tool, '-3', 'b.txt')
    same(tool, '-n', '70000', 'big')
    same(tool, '-c', '70000', 'big')
    same(tool, '-n2', stdin='1\n2\n3\n4')
    fails(tool, '-n', 'x', 'a.txt', status=2, says='x: not a number')
for n in ('+0', '+1', '+2', '+20', '+21', '+99', '-4'):
    same('tail', '-n', n, 'b.txt')
    same('tail', '-c', n, 'b.txt')
for options in ((), ('-r',), ('-n',), ('-u',), ('-rn',), ('-nu',), ('-ru',), ('-rnu',)):
    same('sort', *options, 'num.txt')
    same('sort', *options, 'a.txt', 'b.txt', 'num.txt', 'empty')
    same('sort', *options, stdin='b\na\na\n\n-1\n-1.5\n 7\n07\n7\n')
for options in (('-f1',), ('-f', '2-'), ('-f-2',), ('-f', '1,3'), ('-f3,1',), ('-sf2',), ('-f2-3,5-',)):
    same('cut', '-d:', *options, stdin='a:b:c:d\nno separator\n:x\nx:\n\n')
for options in (('-c1',), ('-c', '2-4'), ('-c-3',), ('-c5-', 'a.txt'), ('-b1,3', 'a.txt')):
    same('cut', *options, stdin='abcdefg\nhi\n\n')
REPEATED = 'one\none\nOne\n1 a xq\n2 a xq\n3  a\txr\n\n\nend\0a\nend\0b\nlast'
for options in ((), ('-c',), ('-d',), ('-u',), ('-i',), ('-cd',), ('-cu',), ('-ci',), ('-du',), ('-cdi',),
                ('-f1',), ('-f', '2'), ('-f9',), ('-s', '2'), ('-s99',), ('-f1', '-s2'), ('-cf2', '-s1'), ('-w1',), ('-w', '0'),
                ('-f1', '-s1', '-w2', '-c')):
    same('uniq', *options, stdin=REPEATED)
for options in ((), ('-c',), ('-d',), ('-u',)):
    same('uniq', *options, stdin='')
    same('uniq', *options, 'num.txt')
same('uniq', '-', 'new', stdin='x\nx\n')
same('uniq', 'a.txt', '-')
same('uniq', 'a.txt', 'b.txt')
same('uniq', 'big', 'new')
fails('uniq', 'a.txt', 'd', status=1, says=f'uniq: d: {FOLDER}')
fails('uniq', 'nowhere', status=1, says=f'uniq: nowhere: {MISSING}')
fails('uniq', 'd', status=1, says=f'uniq: d: {FOLDER}')
fails('uniq', '-f', 'x', status=2, says='uniq: x: not a number')
fails('uniq', '-s', '-1', status=2, says='uniq: -1: not a number')
fails('uniq', 'a.txt', 'b.txt', 'c', status=2, says='usage: uniq')
fails('cut', '-f', '0', status=1, says='cut: 0: not a list of numbers')
fails('cut', '-f', '3-2', status=1, says='cut: 3-2: not a list of numbers')
fails('cut', '-d', 'xy', '-f1', status=1, says='cut: xy: not a single character')
for options in (('-C',), ('-v',), ('-Cv',), ('-C', '-n', '20'), ('-C', '-s', '5'),
                ('-C', '-s', '16', '-n', '3'),
                ('-n', '0'), ('-C', '-n', '48'), ('-s', '250')):
    same('hexdump', *options, 'bin')
same('hexdump', '-C', 'zeros')
same('hexdump', '-Cv', 'zeros')
same('hexdump', '-C', 'a.txt', 'b.txt', 'zeros')
same('hexdump', '-C', stdin='')

# --- grep
PATTERNS = ('a', 'ta$', '^al', 'l.*a', '[bg]', 'zzz', 'a\\|e', 'x*', '\\(.\\)\\1', '')
for pattern in PATTERNS:
    for options in ((), ('-v',), ('-n',), ('-c',), ('-l',), ('-q',), ('-i',), ('-vn',), ('-cv',), ('-vl',)):
        if (options, pattern) != (('-cv',), ''):    # GNU's 3.8 prints no 0
            same('grep', *options, pattern, 'a.txt')
    same('grep', pattern, 'a.txt', 'b.txt', 'num.txt')
    same('grep', '-c', pattern, 'a.txt', 'b.txt', 'empty')
    same('grep', pattern, stdin='alpha\nno end')
    same('grep', '-n', pattern, 'a.txt', '-', stdin='alpha\n')
    same('grep', '-rn', pattern, 'd', sort=True)
for pattern in ('a+', '(al|be)', 'm{2}', 'a|b|c', '^$', 'x?'):
    same('grep', '-E', pattern, 'a.txt', 'empty', 'num.txt')
for pattern in ('.', 'a.c', '[x]', '*', '\\', '$5', '^', 'A.C', 'a\\(b', '{', '|', ''):
    same('grep', '-F', pattern, 'special')
    same('grep', '-Fi', pattern, 'special')
    same('grep', '-Fv', pattern, 'special')
same('grep', '-r', 'alpha', sort=True, stdin='')
same('grep', '-r', 'only x', sort=True, stdin='')
same('grep', '-rl', 'a', 'd', 'a.txt', sort=True)
same('grep', '-i', 'ALPHA', 'a.txt')
same('grep', '-l', 'alpha', stdin='alpha\n')
same('grep', '-q', 'alpha', 'nowhere', 'a.txt')
same('grep', '-q', 'alpha', 'a.txt', 'nowhere')
same('grep', 'alpha', 'nowhere', 'a.txt')
same('grep', 'y', 'big')
same('grep', 'n', 'sp ace')
fails('grep', '[', 'a.txt', status=2, says='grep: [: ')
fails('grep', '-E', '(', 'a.txt', status=2, says='grep: (: ')
fails('grep', 'x', 'd', status=2, says=f'grep: d: {FOLDER}')
fails('grep', 'zzz', 'a.txt', status=1, says='')

# --- echo, seq, date, uname, env, pwd, sleep, true, false
for words in ((), ('a',), ('a', 'b  c'), ('-n', 'a'), ('-x', 'a'), ('--',), ('-',), ('-e', 'a\\tb\\n\\\\'),
              ('-e', '\\0101\\07x\\q'), ('-e', 'a\\cb', 'c'), ('-ne', 'x\\n'), ('-E', '\\n'), ('-nx',),
              ('a', '-n'), ('-e', '\\'), ('-e', '\\a\\b\\e\\f\\v\\r'), ('', 'x', '')):
    same('echo', *words)
for words in (('5',), ('2', '5'), ('1', '2', '9'), ('5', '-1', '1'), ('5', '1'), ('-3', '3'),
              ('-w', '8', '11'),
              ('-w', '-3', '10'), ('-s,', '4'), ('-s', ', ', '2', '4'), ('0',), ('-s,', '0'), ('-5', '-7'),
              ('-5', '-1', '-7'), ('--', '-2', '0')):
    same('seq', *words)
# clear, time: the host's may be absent or a word of its shell.
own('clear', out='\033[H\033[2J\033[3J')
fails('time', 'nosuchprogram', status=127, says='time: nosuchprogram')
fails('seq', 'x', status=2, says='seq: x: not a number')
fails('seq', '1', '0', '3', status=1, says='seq: the step must not be 0')
fails('seq', '1', '2', '3', '4', status=2, says='usage: seq')
for words in (('-u', '-d', '@0'), ('-u', '-d', '@1700000000', '+%Y-%m-%d %H:%M:%S'),
              ('-u', '-d', '@1', '+%s'),
              ('-d', '@86400', '+%F %T %Z'), ('+',), ('+%%',), ('-u', '-d', '@-1', '+%F %T')):
    same('date', *words)
same('date', '+%Y-%m-%d')
fails('date', 'x', status=2, says='usage: date')
fails('date', '-d', 'noon', status=2, says='usage: date')
for options in ('-n', '-nn'):
    same('uname', options)
same('uname', drop=r'$^')
fails('uname', 'x', status=2, says='usage: uname')
for words in ((), ('-u',), ('-g',), ('-G',), ('-un',), ('-gn',), ('-Gn',), ('-ur',), ('-n', '-g', '-r')):
    same('id', *words)
fails('id', '-n', status=2, says='usage: id')
for words in (('root',), ('-un', 'daemon'), ('-G', 'bin'), ('-Gn', 'nobody'), ('-g', 'root'), ('nosuch',)):
    same('id', *words)
fails('id', 'nosuch', status=1, says='id: nosuch: no such user')
fails('id', 'root', 'bin', status=2, says='usage: id')
fails('su', 'nosuch', status=1, says='su: nosuch: no such user')
same('env', '-i', 'A=1', 'B=two words')
same('env', '-i')
same('env', '-i', 'A=1', '-', host_args=('-i', 'A=1', '/nowhere/x'))
same('env', 'ZZ=1', '-u', 'ZZ', host_args=('ZZ=1', '-u', 'ZZ'))
same('env', '-u', 'LC_ALL', 'X=5', '/bin/sh', '-c', 'echo $X $LC_ALL; exit 3')
fails('env', 'no-such-program-here', status=127, says=f'env: no-such-program-here: {MISSING}')
fails('env', './a.txt', status=126, says='env: ./a.txt: Permission denied')
same('pwd')
own('sleep', '0')
own('sleep', '0.01', '0.01s')
fails('sleep', 'x', status=2, says='sleep: x: not a valid time interval')
fails('sleep', '-1', status=2, says='usage: sleep')
fails('sleep', '1x', status=2, says='sleep: 1x: not a valid time interval')
fails('sleep', 'nan', status=2, says='sleep: nan: not a valid time interval')
same('true')
same('true', 'x', '-y')
same('false')

for words in (('sh',), ('-a', 'sh'), ('sh', 'nosuch', 'cat'), ('nosuch',), ('./script',), ('./a.txt',), ('d',), ('/bin/sh',),
              ('/nowhere',), ('./d',), ('script',)):
    same('which', *words)

# On a terminal: check_stty.
fails('stty', status=1, says='stty: standard input is not a terminal')
fails('stty', '-F', 'a.txt', status=1, says='stty: a.txt is not a terminal')
fails('stty', '-F', 'nowhere', 'sane', status=1, says=f'stty: nowhere: {MISSING}')
fails('stty', '-F', status=2, says='usage: stty')

# --- ls
for options in (('-1',), ('-a',), ('-R',), ('-aR',), ('-d',), ('-l',), ('-n',), ('-la',), ('-lh',), ('-lR',),
                ('-ld',), (),
                ('-laRh',)):
    for files in ((), ('d',), ('d', 'a.txt'), ('a.txt',), ('d/e', 'd'), ('link',), ('dlink',), ('broken',),
    ('.',),
                  ('emptydir',), ('d', 'nowhere'), ('fifo', 'bin', 'big')):
        # GNU makes the columns of files as wide as if the folders stood there too.
        same('ls', *options, *files, squeeze=files == ('d', 'a.txt'))
same('ls', '-ld', '/dev/null', '/dev/tty', '/tmp')
same('ls', '-1', '/nowhere')
fails('ls', 'nowhere', status=1, says=f'ls: nowhere: {MISSING}')

# --- Files made, moved, removed: the whole tree is compared.
for words in (('new',), ('new1', 'new2'), ('-p', 'x/y/z'), ('-p', 'd/e'), ('-p', 'x//y/'), ('-p', 'd', 'n/m'),
              ('d',), ('x/y',), ('a.txt/x',), ('-p', 'a.txt/x'), ('-p', 'a.txt'), ('d', 'new'), ('new/',),
              ('-p', './q/../r'), ('',), ('-p', 'dlink/new')):
    same('mkdir', *words)
for words in (('emptydir',), ('d',), ('a.txt',), ('nowhere',), ('emptydir', 'nowhere'), ('emptydir/',),
              ('.',)):
    same('rmdir', *words)
for words in (('new',), ('new1', 'new2'), ('a.txt',), ('fifo', 'new'), ('d/new',), ('nowhere/x',), ('a.txt/x',), ('',)):
    same('mkfifo', *words)
for words in (('a.txt',), ('a.txt', 'b.txt'), ('d',), ('-r', 'd'), ('-f', 'nowhere'), ('nowhere',),
              ('-rf', 'd', 'nowhere'),
              ('nowhere', 'a.txt'), ('link',), ('dlink',), ('-r', 'dlink'), ('broken',), ('fifo',), ('-f',),
              ('-r', '.'),
              ('-r', '..'), ('-r', 'd/.'), ('-f', 'a.txt/x'), ('a.txt/x',), ('-r', 'd/e/'), ('-f', 'd'),
              ('.hidden',), ('-R', 'd/e', 'bin'),
              ('--', '-dash')):
    same('rm', *words)
for words in (('new',), ('a.txt',), ('-c', 'new'), ('-c', 'a.txt'), ('new1', 'new2'), ('d/new',),
              ('nowhere/x',),
              ('a.txt/x',), ('d',), ('broken',), ('link',)):
    same('touch', *words)
for words in (('a.txt', 'new'), ('a.txt', 'b.txt'), ('a.txt', 'd'), ('a.txt', 'b.txt', 'd'), ('d', 'new'),
              ('-r', 'd', 'new'),
              ('-r', 'd', 'emptydir'), ('nowhere', 'new'), ('a.txt', 'a.txt'), ('a.txt', 'link'),
              ('link', 'new'), ('-r', 'link', 'new'),
              ('-r', 'dlink', 'new'), ('dlink', 'new'), ('a.txt', 'd', 'new'), ('a.txt', 'b.txt', 'bin'),
              ('big', 'copy'),
              ('a.txt', 'nowhere/x'), ('-p', 'script', 'new'), ('script', 'new'), ('-rp', 'd', 'new'),
              ('-a', 'd', 'new'),
              ('-r', 'd', 'd2/'), ('-r', 'd/', 'new'), ('bin', 'zeros'), ('-r', 'a.txt', 'd', 'emptydir'),
              ('-r', 'fifo', 'new'),
              ('-r', 'broken', 'new'), ('broken', 'new'), ('a.txt', 'broken'), ('-r', 'd', 'a.txt'),
              ('a.txt', 'd/x'), ('-r', 'd/.', 'emptydir'),
              ('a.txt',), ('empty', 'b.txt'), ('-R', 'd', 'emptydir', 'new'), ('a.txt', '.'),
              ('-r', 'ro', 'new'), ('-rp', 'ro', 'new')):
    if words == ('a.txt', 'broken'):
        continue        # GNU's cp refuses to write through a link that leads nowhere; POSIX's writes
    same('cp', *words)
fails('cp', '-r', 'd', 'd/e', status=1, says=': cannot copy a directory into itself')
fails('cp', '-r', 'd', 'd/new', status=1, says=': cannot copy a directory into itself')
fails('cp', 'a.txt', 'a.txt', status=1, says='cp: a.txt and a.txt are the same file')
fails('cp', 'd', 'new', status=1, says=f'cp: d: {FOLDER}')
fails('cp', 'nowhere', 'new', status=1, says=f'cp: nowhere: {MISSING}')
fails('cp', 'a.txt', '/dev/full', status=1, says='cp: /dev/full: No space left on device')
fails('cp', 'a.txt', status=2, says='usage: cp')
for words in (('a.txt', 'new'), ('a.txt', 'b.txt'), ('a.txt', 'd'), ('a.txt', 'b.txt', 'd'), ('d', 'new'),
              ('d', 'emptydir'),
              ('nowhere', 'new'), ('a.txt', 'a.txt'), ('d', 'd/e'), ('d', 'a.txt'), ('a.txt', 'nowhere/x'),
              ('link', 'new'),
              ('broken', 'new'), ('a.txt', 'b.txt', 'bin'), ('a.txt', 'nowhere', 'd'), ('d/', 'new'),
              ('-f', 'a.txt', 'b.txt'),
              ('.hidden', 'd/x'), ('a.txt', 'hard'), ('--', '-dash', 'plain'), ('a.txt',)):
    if words == ('a.txt', 'hard'):
        continue        # two names of one file: GNU removes one, we say that they are the same
    same('mv', *words)
fails('mv', 'a.txt', 'hard', status=1, says='mv: a.txt and hard are the same file')
fails('mv', 'nowhere', 'x', status=1, says=f'mv: nowhere: {MISSING}')
fails('mv', 'd', 'd/e', status=1, says='mv: d to d/e/d: Invalid argument')
for words in (('a.txt', 'new'), ('-s', 'a.txt', 'new'), ('-s', 'nowhere', 'new'), ('a.txt', 'd'),
              ('-s', 'x', 'd'), ('a.txt', 'b.txt'),
              ('-f', 'a.txt', 'b.txt'), ('-sf', 'a.txt', 'b.txt'), ('-s', 'a.txt', 'b.txt'),
              ('nowhere', 'new'), ('d', 'new'),
              ('a.txt', 'bin', 'd'), ('-s', 'a.txt', 'bin', 'emptydir'), ('d/x',), ('-s', 'd/x'),
              ('-f', 'a.txt', 'a.txt'), ('a.txt', 'bin', 'zeros'),
              ('-sf', 'x', 'broken'), ('-s', 'x', 'nowhere/y')):
    same('ln', *words)
for mode in ('644', '0', '0755', '4711', '1777', '7777', 'u+x', 'go-w', 'a=r', '+x', '-w', '=r',
             'u=rwx,g=rx,o=', 'ug+w,o-r', 'a-rwx', 'u+s', 'g+s', '+t', 'a+X', 'u=', '-x', '+w', 'o+t', 'u-x+w', 'ugo+rwx', 'g=x'):
    same('chmod', mode, 'a.txt', 'd', 'script')
    same('chmod', '-R', mode, 'd')
for mode in ('9', '888', 'z+x', 'u+q', 'u', '77777', 'u+x,', ',u+x', '', '644x'):
    same('chmod', mode, 'a.txt')
fails('chmod', 'u+q', 'a.txt', status=2, says='chmod: u+q: not a mode')
same('chmod', '600', 'nowhere', 'a.txt')
same('chmod', '600', 'link')
same('tee', stdin='x\ny')
same('tee', 'new', 'a.txt', stdin='x\ny')
same('tee', '-a', 'new', 'a.txt', stdin='x\ny')
same('tee', 'd', 'new', stdin='x\n')
same('tee', 'new', stdin='big line\n' * 20000)
fails('tee', '/dev/full', status=1, says='tee: /dev/full: No space left', stdin='x\n', out='x\n')
same('sync')

# --- Signals and the rest.
same('kill', '-l', host='bash', host_args=('-c', 'for i in $(seq 31); do kill -l $i; done'), drop=r'POLL|IO')
same('kill', '-l', '9', host='bash', host_args=('-c', 'kill -l 9'))
same('kill', '-l', 'TERM', host='bash', host_args=('-c', 'kill -l TERM'))
same('kill', '-l', '137', host='bash', host_args=('-c', 'kill -l 137'))
fails('kill', '-NOSUCH', '1', status=2, says='kill: NOSUCH: no such signal')
fails('kill', 'abc', status=1, says='kill: abc: not a process number')
fails('kill', '99999999', status=1, says='kill: 99999999: No such process')
fails('kill', '-l', '77', status=1, says='kill: 77: no such signal')
fails('df', 'nowhere', status=1, says=f'df: nowhere: {MISSING}',
      out='/Filesystem')
fails('umount', 'a.txt', status=1, says='umount: a.txt: ')
fails('poweroff', 'now', status=2, says='usage: poweroff')
fails('reboot', 'now', status=2, says='usage: reboot')
fails('forkctl', 'bogus', status=2, says='usage: forkctl')
fails('forkctl', 'list', 'x', status=1, says='forkctl: ')
fails('forkctl', 'show', 'x', status=2, says='forkctl: x: not a number')
fails('forkctl', 'explain', '1', 'zz', status=2, says='forkctl: zz: not a hexadecimal address')
fails('forkctl', 'explain', '1', '4000000000', status=2, says='forkctl: 4000000000: not a hexadecimal address')
fails('forkctl', 'explain', '1', status=2, says='usage: forkctl')
fails('forkctl', 'compare', status=2, says='usage: forkctl')
