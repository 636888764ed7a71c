"""What a stage stands on in AWS: the CloudFormation, what packages the application, and what deploys it."""
