# Redirections.
echo one > f; cat f
echo two >> f; cat < f
echo err >&2 2>e; cat e
{ echo out; echo err >&2; } > both 2>&1; cat both
{ echo out; echo err >&2; } 2>&1 >only | cat; cat only
cat < f > g; cat g
> empty; wc -c < empty | { read n; echo "empty: $n"; }
exec 3> three; echo to3 >&3; exec 3>&-; cat three
exec 4< f; read a <&4; read b <&4; echo "$a $b"; exec 4<&-
{ echo x >&3; } 3> file3; cat file3
echo late 1>&2 2>/dev/null >here; cat here
cat nofile 2>/dev/null || echo "missing $?"
cat < nofile 2>/dev/null || echo "redirection failed"
echo a > x1 > x2; wc -c < x1 | { read n; echo "x1 $n"; }; cat x2
if true; then echo in-if; fi > iff; cat iff
for i in 1 2; do echo $i; done > loop; cat loop
while read l; do echo "got $l"; done < loop
(echo sub) > sub; cat sub
f() { echo func; echo err >&2; }
f > ff 2>&1; cat ff
n=name; echo hi > $n; cat name
echo spaced >"a b"; cat "a b"
echo rw 1<> rwfile; cat rwfile
read first < f; echo "$first"
echo x 2>&- >y; cat y
(exec > inner; echo captured); cat inner
exec 5>&1; echo dup >&5; exec 5>&-
{ echo a; echo b; } | { read q; echo "q=$q"; cat; }
set -C; echo 1 > nc; (echo 2 > nc) 2>/dev/null || echo noclobber; echo 3 >| nc; cat nc; set +C
cat <f <name
2>/dev/null echo prefix
>pre echo before; cat pre
echo a 2>&1 >z; cat z
echo 1 2 3>num; cat num
: > truncated; : 2>/dev/null; echo "$?"
