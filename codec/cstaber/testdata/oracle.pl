# Decodes each line "module type hex" of a file with a module for Convert::ASN1, and encodes what came
# out again. Prints "module type same", or what differs.
use strict;
use warnings;
use Convert::ASN1;

my ($module, $file) = @ARGV;
local $/;
open my $in, '<', $module or die "$module: $!";
my $asn = Convert::ASN1->new;
$asn->prepare(<$in>) or die $asn->error;
open my $lines, '<', $file or die "$file: $!";
for my $line (split /\n/, <$lines>) {
    my ($name, $type, $hex) = split / /, $line;
    my $macro = $asn->find($type) or do { print "$name $type unknown\n"; next };
    my $bytes = pack 'H*', $hex;
    my $value = $macro->decode($bytes);
    my $verdict = 'refused ' . ($macro->error // '') =~ s/\s+/ /gr;
    if (defined $value) {
        my $again = $macro->encode($value);
        $verdict = !defined $again ? 'unwritten ' . $macro->error
          : $again eq $bytes ? 'same' : 'otherwise ' . unpack 'H*', $again;
    }
    print "$name $type $verdict\n";
}
