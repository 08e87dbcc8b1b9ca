# Field splitting and IFS.
count() { echo "$#:" "$@"; }
show() { printf '<%s>' "$@"; echo; }
x=' a  b c '
count $x
show $x
show "$x"
show pre$x
show pre"$x"post
IFS=:
x='a::b:c:'; show $x
x=':a'; show $x
x='::'; show $x
x='a b:c d'; show $x
IFS=': '
x='a : b::c : : d'; show $x
x=' a b '; show $x
x=' :a'; show $x
IFS=
x='a b'; show $x
IFS=' 	
'
x='a b'; y='c d'
show $x$y
show "$x"$y
show $x"$y"
e=
show a $e b
show a "$e" b
show $e$e
show $e"" x
set -- 'p q' r
show $@
show "$@"
show $*
show "a$@b"
show "a$*b"
set -- ''  x ''
show "$@"
show $@
show $(echo ' a  b ')
show "$(echo ' a  b ')"
show $(printf 'l1\nl2\n\n\n')
v=$(printf 'x\n\n'); show "$v"
IFS=,; set -- 1,2 3; show $*; show "$*"; IFS=' '
z="1 2"; w=$z; show "$w"
show ${nope:-1 2} ${nope:-"1 2"}
case $x in 'a b') echo nosplit ;; esac
IFS=x; y=axbxc; show $y; show "axb"; show axb; unset IFS
show `echo one two`
