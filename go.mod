module haproxy

go 1.26
