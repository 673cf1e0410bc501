module github.com/credfile/credfile/testdata/signer

go 1.26.0

require github.com/aws/aws-sdk-go-v2 v1.42.1

require github.com/aws/smithy-go v1.27.4 // indirect
