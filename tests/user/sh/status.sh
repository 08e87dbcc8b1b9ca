# Exit statuses, set -e, set -u, exit, traps on exit.
SH=${SH:-sh}
$SH -c 'exit 3'; echo $?
$SH -c 'nosuchcommand' 2>/dev/null; echo $?
touch plain; $SH -c './plain' 2>/dev/null; echo $?
mkdir dir; $SH -c './dir' 2>/dev/null; echo $?
$SH -c './nofile' 2>/dev/null; echo $?
$SH -c 'kill -9 $$' 2>/dev/null; echo $?
$SH -c 'set -e; false; echo no'; echo $?
$SH -c 'set -e; if false; then :; fi; false || true; ! true; echo yes'; echo $?
$SH -c 'set -e; f() { false; echo in; }; f || echo handled; f; echo no'; echo $?
$SH -c 'set -e; false && true; echo reached'; echo $?
$SH -c 'set -e; (exit 5); echo no'; echo $?
$SH -c 'set -e; x=$(false); echo no'; echo $?
$SH -c 'set -e; false | true; echo piped'; echo $?
$SH -c 'set -e; while false; do :; done; until true; do :; done; echo loops'; echo $?
$SH -c 'set -e; { false; echo no; }'; echo $?
$SH -ec 'false; echo no'; echo $?
$SH -c 'set -u; echo ${x-ok}; echo $x; echo no' 2>/dev/null; echo $?
$SH -c 'echo ${x?gone}; echo no' 2>/dev/null; echo $?
$SH -c 'x=; echo ${x:?empty}; echo no' 2>/dev/null; echo $?
$SH -c '(echo ${x?gone}); echo after $?' 2>/dev/null
$SH -c 'trap "echo bye" EXIT; echo hi'; echo $?
$SH -c 'trap "echo bye \$?" 0; exit 4'; echo $?
$SH -c 'trap "exit 6" EXIT; exit 4'; echo $?
$SH -c 'trap "echo bye" EXIT; (echo sub); false'; echo $?
$SH -c 'trap "echo usr" USR1; kill -USR1 $$; echo after'; echo $?
$SH -c 'trap "" TERM; kill -TERM $$; echo alive'; echo $?
$SH -c 'trap "echo t" TERM; trap - TERM; kill -TERM $$; echo no' 2>/dev/null; echo $?
$SH -c 'exit'; echo $?
$SH -c 'false; exit'; echo $?
$SH -c 'exit 256'; echo $?
$SH -c 'if' 2>/dev/null; echo $?
$SH -c 'echo "unterminated' 2>/dev/null; echo $?
$SH -c 'fi' 2>/dev/null; echo $?
$SH -c 'echo a; )' 2>/dev/null; echo $?
$SH -c 'echo ok; echo (' 2>/dev/null; echo $?
$SH -c ''; echo $?
$SH -c '# only a comment'; echo $?
$SH -c ':> /nonexistent/file; echo no' 2>/dev/null; echo $?
$SH -c 'echo x > /nonexistent/file; echo yes' 2>/dev/null; echo $?
$SH -c '. ./nosuchfile; echo no' 2>/dev/null; echo $?
$SH -c 'shift 3; echo no' 2>/dev/null; echo $?
$SH -c 'readonly r=1; r=2; echo no' 2>/dev/null; echo $?
$SH -c 'sleep 0 & wait $!; echo $?'
$SH -c '(exit 7) & wait $!; echo $?'
$SH -c '(kill -9 $$) & wait; echo no' 2>/dev/null; echo $?
$SH -c 'exec nosuch; echo no' 2>/dev/null; echo $?
$SH -c 'exec echo replaced; echo no'; echo $?
$SH -c 'echo "$((1/0))"; echo no' 2>/dev/null; echo $?
$SH -c 'command nosuch 2>/dev/null; echo $?'
$SH -c 'return 3; echo no'; echo $?
