# Functions.
f() { echo "f:$#:$1:$*"; }
f; f a; f a b
set -- outer; f inner; echo "$1"
g() { return 5; echo no; }
g; echo $?
h() { false; return; }; h; echo $?
r() { [ $1 -le 0 ] && return 0; echo "r$1"; r $(($1 - 1)); }
r 3
v=global; s() { v=changed; }; s; echo $v
l() { local v=local w; w=1; echo "$v$w"; m; }; m() { echo "sees $v"; }
l; echo "$v:${w-unset}"
sub() ( v=insub; echo $v ); sub; echo $v
red() { echo to-file; } > rfile; red; cat rfile
f() { echo redefined; }; f
f() { f() { echo inner; }; echo first; }; f; f
loop() { for i in 1 2 3; do [ $i = 2 ] && return 7; echo $i; done; }; loop; echo $?
p() { cat; }; echo piped | p
x=$(f); echo "$x"
a() { echo "a $1"; shift; echo "$#"; }; a 1 2 3; echo $#
nl()
{
	echo newline
}
nl
unset -f nl; nl 2>/dev/null; echo $?
v=1; t() { echo "v=$v"; }; v=2 t
fac() { if [ $1 -le 1 ]; then echo 1; else echo $(($1 * $(fac $(($1 - 1))))); fi; }; fac 6
i() { if true; then return 3; fi; }; i; echo $?
echo() { command echo "wrapped: $*"; }; echo hi; unset -f echo; echo plain
w() { while :; do return 9; done; }; w; echo $?
nest() { inner() { echo "in:$1"; }; inner x; echo "out:$1"; }; nest y
c() { case $1 in a) echo A;; *) echo other;; esac; }; c a; c b
last() { true; false; }; last; echo $?
if last; then echo no; else echo failed; fi
ret() { return $((1+1)); }; ret; echo $?
d() { eval 'return 4'; }; d; echo $?
