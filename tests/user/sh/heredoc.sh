# Here-documents.
x=val
cat <<EOF
plain $x ${x} $(echo cmd) `echo bq` $((1+1))
"quotes" 'stay' \$x \\ \` \q
EOF
cat <<'EOF'
raw $x $(echo no) \$x `no`
EOF
cat <<"E F"
spaces $x
E F
cat <<\EOF
escaped $x
EOF
cat <<-EOF
	tabs gone
		both
	  spaces stay
	EOF
cat <<A; cat <<B
first
A
second
B
cat <<A - <<B
one
A
two
B
cat <<EOF | cat
piped
EOF
while read l; do echo "[$l]"; done <<EOF
l1
l2 $x
EOF
f() {
	cat <<EOF
in function $1
EOF
}
f arg
f again
y=$(cat <<EOF
in substitution
EOF
)
echo "$y"
cat <<EOF
joined \
line
EOF
if true; then cat <<EOF
in if
EOF
fi
cat <<EOF && echo after
and
EOF
cat <<EOF
${x:-a} ${nope:-"dq"} ${nope:-b c}
EOF
cat <<''
until empty

cat <<EOF
EOF
echo done
cat 3<<EOF <&3
on three
EOF
